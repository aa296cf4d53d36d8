"""`make lock`: writes constraints.txt anew, one file for every supported Python."""

import subprocess
import sys

from local_airflow import project

HEADER = """\
# Every version that `make run` and `make test` install, for Python 3.11 to 3.13. Don't edit: `make lock` writes it
# anew from requirements.txt, requirements-local.txt and requirements-test.txt.
"""
_OPTIONS = (
    "--universal",
    "--python-version=3.11",
    "--upgrade",
    "--no-header",
    "--no-annotate",
    # Where packages come from is each machine's own affair.
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--quiet",
)


def main() -> int:
    """Resolve and write; uv's exit status."""
    command = [sys.executable, "-m", "uv", "pip", "compile", *_OPTIONS, "requirements-test.txt"]
    done = subprocess.run(command, cwd=project.ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode == 0:
        (project.ROOT / "constraints.txt").write_text(HEADER + done.stdout)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
