"""What the tasks of an installation tell each other."""
