"""The DAGs of this package, each made by a call."""
