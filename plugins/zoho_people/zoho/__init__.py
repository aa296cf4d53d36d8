"""The Zoho People LMS API: what is sent, and what an answer means. Imports no Airflow."""
