"""Makes `.venv` and keeps it in step with the requirement files: `python3 local_airflow/venv.py requirements-….txt`.

Runs on the bare Python of a fresh machine, whatever its version, so it uses the standard library only and old
syntax. A stamp is written last: a virtual environment without one is not trusted, one with the right stamp is
left alone.
"""

import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(FOLDER, "bin", "python")
CONSTRAINTS = "constraints.txt"
VERSIONS = ((3, 11), (3, 12), (3, 13))
NEEDED_MIB = 1500


def main(requirements):
    """Bring `.venv` in step with one requirement file; 0, or 1 after saying what is in the way."""
    if sys.version_info[:2] not in VERSIONS:
        return _go_on_with_another(requirements)
    stamp = os.path.join(FOLDER, "stamp-" + os.path.basename(requirements))
    wanted = digest(requirements)
    if _read(stamp) == wanted and _works():
        return 0
    return _install(requirements, stamp, wanted)


def digest(requirements):
    """What an environment for this requirement file depends on: the files' text, Python and the place."""
    found = hashlib.sha256((sys.version + FOLDER).encode())
    for name in files(requirements) + [CONSTRAINTS]:
        found.update(_read(os.path.join(ROOT, name)).encode())
    return found.hexdigest()


def files(requirements):
    """The requirement file and those that it includes by `-r`."""
    found = [requirements]
    for line in _read(os.path.join(ROOT, requirements)).splitlines():
        if line.startswith("-r "):
            found += files(line[3:].strip())
    return found


def _install(requirements, stamp, wanted):
    free = shutil.disk_usage(ROOT).free // 2**20
    if free < NEEDED_MIB:
        return _fail("The Python packages need about %d MiB of free disk; there are %d." % (NEEDED_MIB, free))
    if os.path.exists(stamp):
        os.remove(stamp)
    if not _is_of_this_python():
        print("Making .venv with Python %d.%d …" % sys.version_info[:2], flush=True)
        made = subprocess.call([sys.executable, "-m", "venv", "--clear", FOLDER])
        if made != 0:
            return _fail("Making a virtual environment failed. On Debian and Ubuntu: apt install python3-venv")
    print("Installing %s …" % requirements, flush=True)
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-compile"]
    command = [PYTHON, "-m", "pip", "install", *options, "-r", requirements, "-c", CONSTRAINTS]
    if subprocess.call(command, cwd=ROOT) != 0:
        return _fail("pip could not install %s; its message is above. Try again: make" % requirements)
    # Four components start at once; none of them should compile Airflow for itself.
    subprocess.call([PYTHON, "-m", "compileall", "-q", "-j", "0", os.path.join(FOLDER, "lib")], stdout=subprocess.DEVNULL)
    with open(stamp, "w") as file:
        file.write(wanted)
    return 0


def _is_of_this_python():
    """Whether `.venv` is whole enough for pip, made here and by this version of Python."""
    check = "import sys, pip; print(sys.prefix, sys.version)"
    try:
        said = subprocess.check_output([PYTHON, "-c", check], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return False
    return said.decode().strip() == "%s %s" % (FOLDER, sys.version)


def _works():
    try:
        return subprocess.call([PYTHON, "-c", "import pip"], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def _go_on_with_another(requirements):
    """This Python is none of those that Airflow runs on: use one that is, if the machine has it."""
    for version in reversed(VERSIONS):
        other = shutil.which("python%d.%d" % version)
        if other:
            return subprocess.call([other, os.path.abspath(__file__), requirements])
    return _fail(
        "Python 3.11, 3.12 or 3.13 is needed; %s is %d.%d. With another one: make PYTHON=/path/to/python3.12"
        % ((sys.executable,) + sys.version_info[:2])
    )


def _read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


def _fail(message):
    sys.stderr.write("\n%s\n" % message)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
