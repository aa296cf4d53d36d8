"""Makes `.venv` and keeps it in step with a requirement file: `python3 local_airflow/venv.py requirements-….txt`.

Runs on the bare Python of a fresh machine, so it uses the standard library only; what it does before the version
check must work on any Python 3. A stamp is written last: a virtual environment without one is not trusted, one
with the right stamp is left alone.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = ((3, 11), (3, 12), (3, 13))
CONSTRAINTS = "constraints.txt"
NEEDED_MIB = 1500


class Venv:
    """The virtual environment of the project at `root`, in `folder` there."""

    def __init__(self, root: Path, *, folder: str = ".venv", constraints: str = CONSTRAINTS) -> None:
        self.root = root
        self.folder = root / folder
        self.constraints = constraints
        self.python = self.folder / "bin" / "python"

    def bring_in_step(self, requirements: str) -> int:
        """Install the requirement file unless it is installed; 0, or 1 after saying what is in the way."""
        stamp = self.folder / f"stamp-{requirements}"
        wanted = self.digest(requirements)
        if stamp.is_file() and stamp.read_text() == wanted and self._says("import pip") is not None:
            return 0
        with self._locked():
            stamp.unlink(missing_ok=True)
            problem = self._too_little_disk() or self._made() or self._installed(requirements)
            if problem:
                return _fail(problem)
            stamp.write_text(wanted)
        return 0

    def digest(self, requirements: str) -> str:
        """What such an environment depends on: the files' text, the Python and the place."""
        found = hashlib.sha256(f"{sys.version} {self.folder}".encode())
        for name in [*self.files(requirements), self.constraints]:
            found.update((self.root / name).read_bytes())
        return found.hexdigest()

    def files(self, requirements: str) -> "list[str]":
        """The requirement file and those that it includes by `-r`."""
        found = [requirements]
        for line in (self.root / requirements).read_text(encoding="utf-8").splitlines():
            if line.startswith("-r "):
                found += self.files(line[3:].strip())
        return found

    def is_usable(self) -> bool:
        """Whether it is whole enough for pip, was made here, and by this version of Python."""
        return self._says("import sys, pip; print(sys.prefix, sys.version)") == f"{self.folder} {sys.version}"

    def _too_little_disk(self) -> str:
        free = shutil.disk_usage(self.root).free // 2**20
        if free >= NEEDED_MIB:
            return ""
        return f"The Python packages need about {NEEDED_MIB} MiB of free disk below {self.root}; there are {free}."

    def _made(self) -> str:
        if self.is_usable():
            return ""
        print(
            f"Making {self.folder.name} with Python {sys.version_info[0]}.{sys.version_info[1]} …", flush=True
        )
        if subprocess.call([sys.executable, "-m", "venv", "--clear", str(self.folder)]) == 0:
            return ""
        return "A virtual environment could not be made. On Debian and Ubuntu: apt install python3-venv"

    def _installed(self, requirements: str) -> str:
        print(f"Installing {requirements} …", flush=True)
        python = str(self.python)
        options = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-compile"]
        pip = [python, "-m", "pip", "install", *options, "-r", requirements, "-c", self.constraints]
        if subprocess.call(pip, cwd=self.root) != 0:
            return f"pip could not install {requirements}; its message is above. Run the same command again."
        # Airflow's components start at once; none of them should compile the packages for itself.
        compile_all = [python, "-m", "compileall", "-q", "-j", "0", str(self.folder / "lib")]
        subprocess.call(compile_all, stdout=subprocess.DEVNULL)
        return ""

    def _says(self, code: str) -> "str | None":
        try:
            said = subprocess.check_output([str(self.python), "-c", code], stderr=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError):
            return None
        return said.decode().strip()

    @contextmanager
    def _locked(self):  # type: ignore[no-untyped-def]  # the type needs a newer Python
        """One installation at a time."""
        import fcntl

        with (self.root / self.constraints).open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def main(requirements: str) -> int:
    """Bring `.venv` in step, by this Python or by a suitable one of this machine."""
    if sys.version_info[:2] in VERSIONS:
        return Venv(ROOT).bring_in_step(requirements)
    for major, minor in reversed(VERSIONS):
        other = shutil.which(f"python{major}.{minor}")
        # Version managers put names on the path that only print a message.
        if other and subprocess.call([other, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return subprocess.call([other, os.fspath(Path(__file__).resolve()), requirements])
    return _fail(
        f"Python 3.11, 3.12 or 3.13 is needed; {sys.executable} is {sys.version.split()[0]}. "
        "If you have another one: make … PYTHON=/path/to/python3.12"
    )


def _fail(message: str) -> int:
    sys.stderr.write(f"\n{message}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
