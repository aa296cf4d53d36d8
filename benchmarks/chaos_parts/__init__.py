"""The parts of `benchmarks/chaos.py`: a scene (Airflow and emulator), trials on it, what they showed."""
