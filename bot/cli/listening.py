"""Addresses to listen at, and the one that is only for whoever watches the service.

Rule 1: what is watched is watched to the end: this address closes last.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import typer
import uvicorn
from typing_extensions import override

from bot.web.app import watched
from bot.web.parts import WebParts


def door_at(host: str, port: int, setting: str) -> socket.socket:
    """Listen at the address, or say why not and end."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        typer.echo(f"Nothing can listen at {host}:{port}: {why}. Give another address: {setting}=127.0.0.1:{port + 1}", err=True)
        raise typer.Exit(1) from None


class _Beside(uvicorn.Server):
    """A server that leaves signals to the one that serves people."""

    @contextmanager
    @override
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def listening(parts: WebParts, address: tuple[str, int] | None) -> AsyncIterator[None]:
    """Serve `/metrics`, `/healthz` and `/readyz` at this address for as long as this lasts; with None nothing is served."""
    if address is None:
        yield
        return
    door = door_at(*address, "AMANA_METRICS_LISTEN")
    config = uvicorn.Config(
        watched(parts), log_config=None, access_log=False, server_header=False, date_header=False, lifespan="off",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = _Beside(config)
    serving = asyncio.get_running_loop().create_task(server.serve(sockets=[door]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
