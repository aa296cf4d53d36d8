"""The Zoho People LMS API: what is asked, what an answer means. Imports no Airflow."""
