"""The hook, and the connection that it reads."""
