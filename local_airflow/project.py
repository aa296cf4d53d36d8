"""Where the project's own files are."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DAGS = ROOT / "dags"
PLUGINS = ROOT / "plugins"
INCLUDE = ROOT / "include"
SETTINGS = ROOT / "airflow_settings.yaml"
DOTENV = ROOT / ".env"
HOME = ROOT / ".airflow"
DATA = ROOT / "data"
# What the components of Airflow can import beside Airflow.
AIRFLOWS_PATH = os.pathsep.join(map(str, (PLUGINS, INCLUDE, Path(__file__).parent / "importable")))
