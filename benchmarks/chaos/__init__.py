"""A scene (Airflow and emulator), trials on it, what they showed; `__main__` runs them and judges."""
