"""Where the page is."""

PREFIX = "/zoho-people"
"""Below Airflow's own base URL."""
