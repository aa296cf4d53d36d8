# Everything a person can do here; `make help` lists it.
.DEFAULT_GOAL := help
.PHONY: screenshots wheel lowest audit chaos help run up down status logs test checks lint types unit unit-pure unit-airflow components starting emulated bench-rate bench-publish bench-changes bench-plan bench-scale bench-page bench-peers bench-week bench-answers duckdb lock resolve licences sbom clean venv venv-test venv-tools

PYTHON ?= python3
# Another Python makes this folder anew; give it a folder of its own to keep both: PYTHON=python3.13 VENV=.venv-3.13
VENV ?= .venv
VENV_PYTHON := $(VENV)/bin/python
TOOLS := .venv-tools/bin
LOCAL := $(VENV_PYTHON) -m local_airflow
# Without .venv nothing can be running: there is nothing to install just to stop it.
IF_MADE := test ! -x $(VENV_PYTHON) || $(LOCAL)
# Where Python keeps nothing of what it compiles, each process of tests would do so with all of them.
unexport PYTHONDONTWRITEBYTECODE
UV := $(VENV_PYTHON) -m uv
# Thousands of small files are written through to the disk, and waited for: where there is plenty of memory they stay in it.
IN_MEMORY := $(shell df -Pm /dev/shm 2>/dev/null | awk '/^tmpfs/ && $$4 > 8000 { print "TMPDIR=/dev/shm" }')
PYTEST := env $(IN_MEMORY) $(VENV_PYTHON) -m pytest
# A file's tests share what is made once for all of them, so they stay in one process.
BY_FILE := --dist loadfile --no-loadscope-reorder --numprocesses
# The tests in a real Airflow have a folder, and a call, of their own.
NO_AIRFLOW := --ignore tests/emulated
# Their tests, and what these test, know no Airflow: one process runs them all and need not import it.
PURE := $(addprefix tests/,comparing emulator endpoints erasing local_airflow model planning publishing reading staging storage zoho)
COMPONENTS = $$(grep -rl --include "test_*.py" $(LEFT_OUT:%=--exclude-dir %) mark.component tests)
# The folders whose components mostly compute: they lose nothing by waiting for others.
COMPUTING := reading web publishing comparing
# What runs side by side tells of each command at its end; the `make` of macOS cannot.
AT_ITS_END := $(if $(filter output-sync,$(.FEATURES)),--output-sync=line)
BENCH := PYTHONPATH=.:plugins:include $(VENV_PYTHON)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: venv ## Run the DAG once for a small sample (or for what .env names) and show what it wrote
	@$(LOCAL) run

up: venv ## Start Airflow with its UI, and the emulator, and leave them running
	@$(LOCAL) up

down: ## Stop everything that `make run` and `make up` started
	@$(IF_MADE) down

status: ## Say which components run
	@$(IF_MADE) status

logs: ## Follow the logs of Airflow's components (Ctrl-C ends)
	@$(IF_MADE) logs

test: lint starting ## All that has to hold: lint, types, every test; a real Airflow, which waits a lot, beside the rest
	@$(MAKE) --no-print-directory --jobs 3 --keep-going $(AT_ITS_END) checks emulated

checks: venv-test ## Of `make test` what waits for nothing: types, unit tests, components that mostly compute, versions; with the lowest priority
	nice -n 19 $(VENV_PYTHON) -m mypy
	nice -n 19 $(MAKE) --no-print-directory unit-pure unit-airflow
	nice -n 19 $(PYTEST) $(COMPUTING:%=tests/%) -m component $(BY_FILE) 2
	nice -n 19 $(VENV_PYTHON) -m local_airflow.lock check

lint: venv-test ## ruff: check and format
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .

types: venv-test ## mypy, strict
	$(VENV_PYTHON) -m mypy

unit: venv-test ## The tests that start nothing: no Airflow, no other process (a minute or two)
	@$(MAKE) --no-print-directory --jobs 2 --keep-going $(AT_ITS_END) unit-pure unit-airflow

unit-pure:
	$(PYTEST) $(PURE) -m "not component"

unit-airflow:
	$(PYTEST) $(NO_AIRFLOW) $(addprefix --ignore=,$(PURE)) -m "not component"

starting: LEFT_OUT := $(COMPUTING)
starting: components ## Of `make components` what mostly waits for what it starts: browsers, servers, interpreters

components: venv-test ## The tests that start a browser, an S3 server, an interpreter, or run a whole week
	$(PYTEST) $(COMPONENTS) -m component $(BY_FILE) 2

emulated: venv-test ## The tests that run a real Airflow against the emulator
	$(PYTEST) tests/emulated $(BY_FILE) 3

bench-rate: venv-test ## 300 requests against the real 60-second limit (about 10 minutes)
	$(BENCH) benchmarks/rate.py

bench-publish: venv-test ## Publish a million rows into a file that has a million
	$(BENCH) benchmarks/publish.py

bench-changes: venv-test ## Compare a snapshot of a million rows with the one before (about two minutes)
	$(BENCH) benchmarks/changes.py

bench-plan: venv-test ## Plan and publish 100,000 units, in courses of 1,000 to 40,000 learners (about five minutes)
	$(BENCH) benchmarks/large_plan.py

bench-scale: venv-test ## A large organisation with a scaled-up limit (10,000 units: about 10 minutes)
	$(BENCH) benchmarks/scale.py

bench-peers: venv-test ## The same work by HttpOperator, dlt and airbyte-cdk beside this project (about an hour)
	@$(BENCH) -m benchmarks.peers.venvs
	$(BENCH) -m benchmarks.peers

bench-page: venv-test ## The page over 30 days of a million rows each, in a real API server (about 10 minutes)
	$(BENCH) -m benchmarks.answers.month build/month
	$(BENCH) -m benchmarks.page build/month

bench-week: venv-test ## Seven days of 12 courses with 400 learners, each against that day's truth (about 20 minutes)
	$(BENCH) -m benchmarks.week

bench-answers: venv-test ## Every question on a month of a million rows a day (10 minutes, 200 MB in build/month)
	$(BENCH) -m benchmarks.answers build/month

duckdb: venv ## Write zoho_people.duckdb for BI tools: views over OUTPUT (default: data), PEOPLE=… DEADLINES=… TO=…
	@PYTHONPATH=plugins $(VENV_PYTHON) -m zoho_people duckdb --output-path $(or $(OUTPUT),data) 	  $(if $(PEOPLE),--people $(PEOPLE)) $(if $(DEADLINES),--deadlines $(DEADLINES)) $(if $(TO),--to $(TO))

screenshots: venv-test ## Take the pictures of docs/images/ anew (a real Airflow, one run, Chromium; about 5 minutes)
	$(VENV_PYTHON) -m tests.browser.screenshots

resolve: venv-test ## constraints.txt fits what other Airflows install: object stores, Celery, Postgres
	$(VENV_PYTHON) -m local_airflow.lock check

lock: venv-test ## Choose all versions anew: write constraints.txt and locks/ from the requirement files
	$(VENV_PYTHON) -m local_airflow.lock lock

wheel: venv ## Build the wheel and the source distribution of airflow-provider-zoho-people in dist/
	$(VENV_PYTHON) -m hatchling build

lowest: venv-test ## Unit tests and components with the lowest versions that the wheel allows (in .venv-lowest)
	@mkdir -p build
	$(UV) pip compile --quiet --python-version 3.11 --resolution lowest-direct --no-deps pyproject.toml --output-file build/lowest.txt
	$(UV) pip compile --quiet --python-version 3.11 --constraint build/lowest.txt requirements-test.txt --output-file build/lowest-test.txt
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv-lowest
	$(UV) pip sync --quiet --python .venv-lowest/bin/python build/lowest-test.txt
	.venv-lowest/bin/python -m pytest $(NO_AIRFLOW) $(BY_FILE) 2

clean: ## Stop everything and remove .airflow (the data and .venv stay)
	@$(IF_MADE) clean

venv:
	@$(PYTHON) local_airflow/venv.py locks/requirements-local.lock $(VENV) with-project

venv-test:
	@$(PYTHON) local_airflow/venv.py locks/requirements-test.lock $(VENV) with-project

venv-tools:
	@$(PYTHON) local_airflow/venv.py locks/requirements-tools.lock .venv-tools

audit: venv-tools ## Look for known vulnerabilities in the locked dependencies (asks the advisory database)
	$(TOOLS)/pip-audit --strict --require-hashes --disable-pip --requirement locks/requirements-test.lock
	$(TOOLS)/pip-audit --strict --require-hashes --disable-pip --requirement locks/requirements-tools.lock

sbom: venv venv-tools ## Write build/sbom.cdx.json: what is installed to run the project (CycloneDX)
	@mkdir -p build
	$(TOOLS)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --output-file build/sbom.cdx.json $(VENV_PYTHON)

licences: venv venv-tools ## Write build/licences.md: the licence of every package that is installed
	@mkdir -p build
	$(TOOLS)/pip-licenses --python $(VENV_PYTHON) --from mixed --with-urls --format markdown --output-file build/licences.md

chaos: venv-test ## Kill, break and lock everything, and show that nothing is lost (an hour and a quarter)
	$(BENCH) -m benchmarks.chaos
