"""Makes a virtual environment and keeps it in step with a lock: `python3 local_airflow/venv.py locks/….lock`.

A lock has the hash of every package; one that has another hash, or none, is not installed. Runs on the bare Python
of a fresh machine, so it uses the standard library only; what it does before the version check must work on any
Python 3. A stamp is written last: a virtual environment without one is not trusted, one with the right stamp is
left alone.
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = ((3, 11), (3, 12), (3, 13))
FOLDER = ".venv"
NEEDED_MIB = 1500
_LEFT = "{0}(tests|moto|cfnlint|sympy|networkx){0}".format(re.escape(os.sep))
"""What packages bring to test themselves, and what moto needs: two fifths of it all, and nothing of Airflow's."""
METADATA = ("pyproject.toml", "plugins/zoho_people/__init__.py")


class Venv:
    """The virtual environment of the project at `root`, in `folder` there.

    Where it is to be `with_project` the project is installed, too, in place: Airflow finds a connection's form by
    the metadata of what is installed. `call` and `ask` run a command: its exit code, and what it says.
    """

    def __init__(
        self,
        root: Path,
        *,
        folder: str = FOLDER,
        with_project: bool = False,
        needed_mib: int = NEEDED_MIB,
        call: "Callable[..., int]" = subprocess.call,
        ask: "Callable[..., bytes]" = subprocess.check_output,
    ) -> None:
        self.root = root
        self.with_project = with_project
        self._needed_mib = needed_mib
        self._call = call
        self._ask = ask
        self.folder = root / folder
        self.python = self.folder / "bin" / "python"

    def bring_in_step(self, lock: str) -> int:
        """Install what the lock says unless it is installed; 0, or 1 after saying what is in the way."""
        stamp = self.folder / f"stamp-{Path(lock).name}"
        wanted = self.digest(lock)
        if stamp.is_file() and stamp.read_text() == wanted and self._says("import pip") is not None:
            return 0
        with self._alone(lock):
            stamp.unlink(missing_ok=True)
            problem = self._too_little_disk() or self._made() or self._installed(lock)
            if problem:
                return _fail(problem)
            stamp.write_text(wanted)
        return 0

    def digest(self, lock: str) -> str:
        """What such an environment depends on: the locks' text, the Python and the place."""
        found = hashlib.sha256(f"{sys.version} {self.folder}".encode())
        for path in [*self.files(lock), *self._project_files()]:
            found.update(path.read_bytes())
        return found.hexdigest()

    def files(self, lock: str) -> "list[Path]":
        """The lock and those that it includes by `-r`."""
        return _with_included(self.root / lock)

    def _project_files(self) -> "list[Path]":
        """What the metadata of the installed project is made of."""
        return [self.root / name for name in METADATA] if self.with_project else []

    def is_usable(self) -> bool:
        """Whether it is whole enough for pip, was made here, and by this version of Python."""
        return self._says("import sys, pip; print(sys.prefix, sys.version)") == f"{self.folder} {sys.version}"

    def _too_little_disk(self) -> str:
        free = shutil.disk_usage(self.root).free // 2**20
        if free >= self._needed_mib:
            return ""
        needed = f"The Python packages need about {self._needed_mib} MiB of free disk below {self.root}"
        return f"{needed}; there are {free}."

    def _made(self) -> str:
        if self.is_usable():
            return ""
        print(
            f"Making {self.folder.name} with Python {sys.version_info[0]}.{sys.version_info[1]} …", flush=True
        )
        if self._call([sys.executable, "-m", "venv", "--clear", str(self.folder)]) == 0:
            return ""
        return "A virtual environment could not be made. On Debian and Ubuntu: apt install python3-venv"

    def _installed(self, lock: str) -> str:
        print(f"Installing {lock} into {self.folder.name} …", flush=True)
        python = str(self.python)
        options = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-compile", "--no-deps"]
        # A lock names all there is to install: pip has nothing to resolve.
        pip = [python, "-m", "pip", "install", *options, "--require-hashes", *_binaries(), "-r", lock]
        if self._call(pip, cwd=self.root) != 0:
            return f"pip could not install {lock}; its message is above. Run the same command again."
        # By the build backend of the lock, and by nothing that would have to be downloaded.
        offline = ["--no-index", "--no-build-isolation"]
        project = [python, "-m", "pip", "install", *options, *offline]
        if self.with_project and self._call([*project, "--editable", "."], cwd=self.root) != 0:
            return "pip could not install the project; its message is above. Run the same command again."
        # Airflow's components start at once; none of them should compile the packages for itself.
        compile_all = [python, "-m", "compileall", "-q", "-j", "0", "-x", _LEFT, str(self.folder / "lib")]
        self._call(compile_all, stdout=subprocess.DEVNULL)
        return ""

    def _says(self, code: str) -> "str | None":
        try:
            said = self._ask([str(self.python), "-c", code], stderr=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError):
            return None
        return said.decode().strip()

    @contextmanager
    def _alone(self, lock: str):  # type: ignore[no-untyped-def]  # the type needs a newer Python
        """One installation at a time."""
        import fcntl

        with (self.root / lock).open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _with_included(path: Path) -> "list[Path]":
    found = [path]
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            found += _with_included(path.parent / line[3:].strip())
    return found


def _binaries() -> "list[str]":
    """Wheels only, since building a package runs code that no hash covers. One has none for Macs with Intel."""
    is_intel_mac = (sys.platform, platform.machine()) == ("darwin", "x86_64")
    return ["--prefer-binary"] if is_intel_mac else ["--only-binary=:all:"]


def main(
    lock: str,
    folder: str = FOLDER,
    project: str = "",
    *,
    version: "tuple[int, int]" = sys.version_info[:2],
    which: "Callable[[str], str | None]" = shutil.which,
) -> int:
    """Bring the folder in step, by this Python or by a suitable one of this machine; `project`: "with-project"."""
    if version in VERSIONS:
        return Venv(ROOT, folder=folder, with_project=project == "with-project").bring_in_step(lock)
    for major, minor in reversed(VERSIONS):
        other = which(f"python{major}.{minor}")
        # Version managers put names on the path that only print a message.
        if other and subprocess.call([other, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return subprocess.call([other, os.fspath(Path(__file__).resolve()), lock, folder, project])
    return _fail(
        f"Python 3.11, 3.12 or 3.13 is needed; {sys.executable} is {version[0]}.{version[1]}. "
        "If you have another one: make … PYTHON=/path/to/python3.12"
    )


def _fail(message: str) -> int:
    sys.stderr.write(f"\n{message}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
