"""The pools that the tasks run in."""

from __future__ import annotations

API_POOL = "zoho_people_api"
"""The pool whose every slot is one request of the last window."""

POOL_SLOTS_OF_A_ROSTER = 5
"""How many of its slots a task that reads lists takes, and so how many requests it may send in a window."""

PUBLISH_POOL = "zoho_people_publish"
"""The pool of one slot: two runs never merge into one file at once."""
