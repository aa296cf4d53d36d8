"""What is asked of Zoho: one module for each endpoint, and how its records become rows."""
