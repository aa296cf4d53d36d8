"""The dataset: staging, schema, publishing, coverage. Imports no Airflow.

The story of a row: :mod:`.normalize` turns Zoho's records into the contract's columns (:mod:`.schema`),
:mod:`.staging` keeps each page as it comes, :mod:`.publish` merges what a run staged into the dataset's
files, :mod:`.coverage` says what was asked and what came of it, :mod:`.summary` prints both. Every path
is made in :mod:`.layout`; every byte is read and written through :mod:`.store`.

This package imports nothing by itself; its modules import pyarrow, so import them where a task runs.
"""
