"""The words of the domain: what is asked for, what is known of it, and what a run may save. Pure."""
