"""A stand-in for Zoho People's LMS API and for Zoho accounts, for demos and tests on one machine.

Start it with ``python -m zoho_emulator``; the README beside this file says what it emulates.
"""
