"""The page by its real app on a free local port, without an Airflow around it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from zoho_people.web.app import create_app
from zoho_people.web.door import Door
from zoho_people.web.keeper import Keeper
from zoho_people.web.prefix import PREFIX


@contextmanager
def served(door: Door, keeper: Keeper | None = None) -> Iterator[str]:
    """The server's URL, for as long as the block lasts."""
    app = Starlette(routes=[Mount(PREFIX, create_app(door, keeper))])
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
