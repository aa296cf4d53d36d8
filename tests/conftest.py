"""What holds for all tests: hypothesis judges what it finds, not how long a busy machine took to find it."""

from hypothesis import settings

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
