"""The dataset: staging, schema, publishing, coverage. Imports no Airflow.

The story of a row: :mod:`.plan_file` says what a run set out to do with each unit, by what is known of it
(:mod:`.state`); :mod:`.normalize` turns Zoho's records into the contract's columns (:mod:`.schema`),
:mod:`.staging` keeps each page as it comes, :mod:`.publish` merges what a run staged, and the rows that
:mod:`.earlier` snapshots have of who has not changed, into the dataset's files (:mod:`.target`), and moves on
what is known (:mod:`.advance`); :mod:`.coverage` says what was asked and what came of it, :mod:`.summary` prints
both. Every path is made in :mod:`.layout`; every byte is read and written through :mod:`.store`.

This package imports nothing by itself; its modules import pyarrow, so import them where a task runs.
"""
