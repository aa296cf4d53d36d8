"""This project beside what one would use otherwise; `__main__` runs the comparison.

`with_dlt.py`, `with_airbyte_cdk.py` and `http_operator_dag.py` are the others, each written as its own
documentation says; the two scripts run in virtual environments of their own (`venvs.py`) and know nothing of this
project but `rows.py`. The other modules run the contenders and look at what the emulator saw and what was written.
"""
