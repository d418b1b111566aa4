"""The stage on a real port, and a browser to look at it."""

import asyncio
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from tests.fakes import NOON
from tests.web.stage import Stage

WHERE = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class RealClock:
    """Wall time that begins at the tests' noon, and steady time."""

    def __init__(self) -> None:
        self._offset = NOON - time.time()

    def now(self) -> float:
        return time.time() + self._offset

    def steady(self) -> float:
        return time.monotonic()


def chromium() -> str | None:
    """Where a Chromium is, or None."""
    return next((path for path in map(shutil.which, WHERE) if path), None)


async def served(server: uvicorn.Server) -> None:
    """Serve until told to end, then end what a browser still holds open."""
    await server.serve()
    for line in tuple(server.server_state.connections):
        line.transport.abort()  # type: ignore[union-attr]  # it is one of uvicorn's protocols, all of which have it
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others)


@contextmanager
def serving(**options: Any) -> Iterator[tuple[Stage, str, Callable[..., Any]]]:
    """Give the stage, its address, and a way to run something on its loop."""
    stage = Stage(clock=RealClock(), **options)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(stage.app, host="127.0.0.1", port=port, log_level="error", access_log=False, timeout_graceful_shutdown=1)
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(served(server),), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)

    def run(coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(10)

    try:
        yield stage, f"http://127.0.0.1:{port}", run
    finally:

        def stop() -> None:
            stage.chat.close()
            stage.parts.closing.set()
            stage.view.stop()
            server.should_exit = True

        loop.call_soon_threadsafe(stop)
        thread.join(10)
        loop.close()
