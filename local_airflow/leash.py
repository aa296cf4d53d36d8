"""Runs a command for as long as its parent lives: `python -m local_airflow.leash <command…>`.

The parent holds the other end of this process's standard input. When the parent ends in whatever way (a test run
killed with -9 included) the pipe closes, and the command is asked to end, then made to.
"""

import signal
import subprocess
import sys
import threading
from types import FrameType

_PATIENCE_S = 30.0


def main(command: list[str]) -> int:
    """Run `command` until it ends by itself or the leash is pulled; its exit status."""
    # Groups of its own keep a Ctrl-C in the terminal away from it: the parent decides.
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def end(_number: int = 0, _frame: FrameType | None = None) -> None:
        child.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=[child], daemon=True).start()
    return child.wait()


def _end_with_parent(child: "subprocess.Popen[bytes]") -> None:
    while sys.stdin.buffer.read(1):
        pass
    child.terminate()
    try:
        child.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        child.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
