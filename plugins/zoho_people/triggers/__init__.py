"""The trigger that tasks wait by."""
