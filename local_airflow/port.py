"""Finding ports on the loopback interface."""

import random
import socket
from contextlib import closing

from local_airflow.problem import PortProblem

LOOPBACK = "127.0.0.1"
FOR_SERVERS = range(10_000, 30_000)
"""Linux takes none of these for a client or for a server that asks for any port: it begins at 32768."""
_TRIES = 20


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def any_free() -> int:
    """A port that nobody listens on, nor gets by chance before the server that it is for has started.

    One that the operating system chose could go to another server meanwhile, which whoever waits for ours would
    then ask.
    """
    ports = random.sample(FOR_SERVERS, _TRIES)
    for port in filter(is_free, ports):
        return port
    raise PortProblem(f"Of {_TRIES} ports from {min(ports)} to {max(ports)} none is free.")


def choose(wanted: str | None, default: int, *, variable: str) -> int:
    """The port that the user asked for by `variable`, or the first free one from `default` on.

    A wish is kept or refused; only a default gives way to another port.
    """
    if wanted:
        return _wished(wanted, variable=variable)
    for port in range(default, default + _TRIES):
        if is_free(port):
            return port
    raise PortProblem(
        f"The ports {default} to {default + _TRIES - 1} are all taken. Set {variable} to a free one."
    )


def _wished(wanted: str, *, variable: str) -> int:
    if not wanted.isdecimal() or not 0 < int(wanted) < 65536:
        raise PortProblem(f"{variable} is {wanted!r}; it must be a port number from 1 to 65535.")
    if not is_free(int(wanted)):
        raise PortProblem(f"Port {wanted} is taken by another program. Set {variable} to a free one.")
    return int(wanted)
