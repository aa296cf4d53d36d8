# For the Astro CLI (`astro dev start`). Not needed for `make run`, and not tested by this project.
# A tag may point to another image tomorrow. docs/security.md has the command that pins this one by its digest.
# The "-base" image is the one that installs nothing by itself: requirements.txt has no hashes.
FROM astrocrpublic.azurecr.io/runtime:3.3-1-base

# What the project is tested with, Airflow included, and nothing that has another hash.
COPY locks/requirements.lock locks/requirements-local.lock /tmp/
USER root
RUN python -m pip install --no-cache-dir --require-hashes --only-binary=:all: -r /tmp/requirements-local.lock
COPY --chown=astro:0 . .
# Airflow finds the connection's form and its test by the metadata of what is installed.
RUN python -m pip install --no-cache-dir --no-deps --no-index --no-build-isolation --editable .
USER astro
ENV AIRFLOW__CORE__TEST_CONNECTION=Enabled

# include/ holds the emulator; Astro puts only the project's root and plugins/ on the path.
ENV PYTHONPATH=/usr/local/airflow/include
# Beyond the 30 slots of the pool, or Airflow's default of 16 would be the limit instead of the pool.
ENV AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG=64
# Where runs may write, and read roster files (commas between several). Without it: data/ and what the Variable
# zoho_learner_progress_output names.
# ENV AIRFLOW__ZOHO_PEOPLE__ALLOWED_ROOTS=s3://aws_default@bucket/zoho
