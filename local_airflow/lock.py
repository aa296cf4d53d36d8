"""`make lock`: chooses every version anew and writes it down; `make resolve`: what was written still fits.

    constraints.txt   every version, plain: for `pip install -c` on any other Airflow
    locks/*.lock      the same with hashes: what virtual environments and images here are installed from

A lock of one requirement file includes (`-r`) the lock of the file that it includes, and adds the rest. All files
hold for every supported Python, for Linux and macOS.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from local_airflow import project
from local_airflow.problem import Problem

# Each one includes the one before.
LAYERS = ("requirements", "requirements-local", "requirements-test")
TOOLS = "requirements-tools"
# What nobody installs here and must fit all the same.
DEPLOYMENTS = "requirements-deployments"
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28", "aarch64-apple-darwin", "x86_64-apple-darwin")

_CONSTRAINTS_HEADER = """\
# Every version that this project is tested with, for Python 3.11 to 3.13 and `pip install -c`. What object stores,
# Celery and Postgres need fits, too. Don't edit: `make lock` writes it anew.
"""
_LOCK_HEADER = "# What {name}.txt needs, with hashes. Don't edit: `make lock` writes it anew.\n"
_UNIVERSAL = ("--universal", f"--python-version={PYTHONS[0]}")


class ResolutionProblem(Problem):
    """The requirements exclude each other, or the index can't be reached; uv says why."""


def lock(root: Path) -> None:
    """Choose the newest versions that fit each other, and write `constraints.txt` and the locks."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = Path(folder) / "chosen.txt"
        everything = (f"{LAYERS[-1]}.txt", f"{DEPLOYMENTS}.txt")
        chosen.write_text(_compiled(root, everything, *_UNIVERSAL, "--upgrade"))
        whole = [_locked(root, name, "--constraint", str(chosen)) for name in LAYERS]
    (root / "constraints.txt").write_text(_CONSTRAINTS_HEADER + "".join(map(_unhashed, whole[-1])))
    included: list[str] = []
    for number, (name, blocks) in enumerate(zip(LAYERS, whole, strict=True)):
        include = f"-r {LAYERS[number - 1]}.lock\n" if number else ""
        _write(root, name, include, [block for block in blocks if block not in included])
        included = [*included, *blocks]
    _write(root, TOOLS, "", _locked(root, TOOLS, "--upgrade"))
    check(root)
    for python in PYTHONS:
        for platform in PLATFORMS:
            _compiled(
                root,
                (f"{LAYERS[-1]}.txt",),
                f"--python-version={python}",
                f"--python-platform={platform}",
                "--constraint=constraints.txt",
                # Intel Macs have to build one.
                *([] if platform == "x86_64-apple-darwin" else ["--only-binary=:all:"]),
            )


def check(root: Path) -> None:
    """Raise `ResolutionProblem` unless other Airflows' packages can be installed with `constraints.txt`."""
    _compiled(root, (f"{DEPLOYMENTS}.txt",), *_UNIVERSAL, "--constraint=constraints.txt")


def blocks_of(text: str) -> list[str]:
    """A lock's entries: each a pinned package with the lines of its hashes."""
    blocks: list[str] = []
    for line in text.splitlines(keepends=True):
        if line.startswith((" ", "\t")):
            blocks[-1] += line
        elif line.strip() and not line.startswith(("#", "-")):
            blocks.append(line)
    return blocks


def _locked(root: Path, name: str, *options: str) -> list[str]:
    return blocks_of(_compiled(root, (f"{name}.txt",), *_UNIVERSAL, "--generate-hashes", *options))


def _unhashed(block: str) -> str:
    return block.splitlines()[0].removesuffix("\\").rstrip() + "\n"


def _write(root: Path, name: str, include: str, blocks: Iterable[str]) -> None:
    path = root / "locks" / f"{name}.lock"
    path.parent.mkdir(exist_ok=True)
    path.write_text(_LOCK_HEADER.format(name=name) + include + "".join(blocks))


def _compiled(root: Path, files: Sequence[str], *options: str) -> str:
    # Where packages come from is each machine's own affair.
    plain = ("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet")
    command = [sys.executable, "-m", "uv", "pip", "compile", *plain, *options, *files]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ResolutionProblem(f"uv could not resolve {', '.join(files)}:\n{done.stderr}")
    return done.stdout


_COMMANDS = {"lock": lock, "check": check}


def main(command: str) -> int:
    """Run one command; its exit status."""
    try:
        _COMMANDS[command](project.ROOT)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
