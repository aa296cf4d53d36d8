"""Where the project's own files are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DAGS = ROOT / "dags"
PLUGINS = ROOT / "plugins"
INCLUDE = ROOT / "include"
SETTINGS = ROOT / "airflow_settings.yaml"
DOTENV = ROOT / ".env"
HOME = ROOT / ".airflow"
DATA = ROOT / "data"
