"""The web side in this process: uvicorn on a port that is known to be free."""

import socket
from typing import TYPE_CHECKING

from chargepipe.cli.errors import stop

if TYPE_CHECKING:
    import uvicorn

STOP_SECONDS = 5


def listen(host: str, port: int) -> socket.socket:
    """A socket on this address; ends the command in words where it is taken. Port 0: any."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        why = getattr(error, "strerror", None) or "no such port"
        stop(f"Cannot listen on {host}:{port}: {why}. Choose another with --port.")
    return listening


def server() -> "uvicorn.Server":
    """The server of our web side; its lifespan starts and stops the worker."""
    import uvicorn

    config = uvicorn.Config(
        "chargepipe.config.asgi:application",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    return uvicorn.Server(config)


def address(listening: socket.socket) -> str:
    """The address to open in a browser."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
