"""What runs in the scheduler."""
