"""What each task of the DAGs does, and what a run may be asked for."""
