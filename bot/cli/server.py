"""`amana run`: the banner, the web server, and everything that works beside it.

Rule 1: ready means: store open, flows in force, port listening. Nothing is accepted before.
Rule 2: on SIGTERM nothing new is received, what is in hand is finished, and the process ends within ten seconds.
"""

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer
import uvicorn
from typing_extensions import override

from bot import telemetry
from bot.bootstrap.build import build_house
from bot.bootstrap.flows import FlowsRefused
from bot.bootstrap.house import PARTS, House, put_in_force
from bot.config import Settings
from bot.ports import StoreTaken, StoreUnavailable
from bot.web.app import Direct, build, watched

GRACE = 4.0
"""Seconds for what is in hand and in flight; with the server's own 3 and the channels' 2, less than ten."""
INHERITING = 2.0
"""Seconds at most that the messages a dead process left in hand are worked before anything new is received."""
FIRST_STAFF = "first"


class Server(uvicorn.Server):
    """A server that tells open streams to end, so that stopping takes no time."""

    def __init__(self, config: uvicorn.Config, house: House) -> None:
        super().__init__(config)
        self._house = house

    @contextmanager
    @override
    def capture_signals(self) -> Iterator[None]:
        """Listen for signals without raising them again at the end: there is still work to finish and a store to close."""
        loop = asyncio.get_running_loop()
        for sig in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sig, self.handle_exit, sig, None)
        try:
            yield
        finally:
            for sig in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(sig)

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End streams, then the server."""
        self._house.stopping.set()
        self._house.webchat.close()
        self.should_exit = True


def serve(settings: Settings, parts: frozenset[str] = PARTS) -> None:
    """Start and stay until stopped."""
    gc.disable()  # what is made while starting stays for good; collecting among it costs a third of the start
    telemetry.start(settings.log_level)
    try:
        import uvloop
    except ImportError:
        asyncio.run(_serve(settings, parts))
    else:
        uvloop.run(_serve(settings, parts))


async def _serve(settings: Settings, parts: frozenset[str]) -> None:
    house = build_house(settings, parts=parts)
    try:
        await house.store.open()
    except StoreTaken as taken:
        typer.echo(str(taken) or "Another Amana already uses this store. Stop it first.", err=True)
        raise typer.Exit(1) from None
    except StoreUnavailable as error:
        typer.echo(f"The store cannot be opened: {error}", err=True)
        raise typer.Exit(1) from None
    try:
        await put_in_force(house)
        await _run(house)
    except FlowsRefused as refused:
        for problem in refused.problems:
            typer.echo(str(problem), err=True)
        typer.echo(f"Not started: {len(refused.problems)} problems in the flows.", err=True)
        if house.library.head is None and await house.library.look() is not None:
            typer.echo("What is in force was made for an older Amana. Put the present folder in force: amana publish", err=True)
        raise typer.Exit(1) from None
    finally:
        await house.store.close()


async def _run(house: House) -> None:
    host, port = house.settings.address
    door = _door(host, port)
    parts, behind_proxy = house.web_parts(), bool(house.settings.public_url)
    app = Direct(build(parts) if "web" in house.doing else watched(parts), parts.direct)
    config = uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, server_header=False, date_header=False,
        lifespan="off", timeout_graceful_shutdown=3, proxy_headers=behind_proxy, forwarded_allow_ips="127.0.0.1",
    )  # fmt: skip
    server = Server(config, house)
    if "worker" in house.doing:
        house.worker.watchdog.start()
        await house.worker.inherit(INHERITING)
    async with asyncio.TaskGroup() as group:
        work = [group.create_task(part) for part in house.parts()]
        beside = [group.create_task(_banner(house, server)), group.create_task(house.hears())]
        try:
            await server.serve(sockets=[door])
        finally:
            for task in beside:
                task.cancel()
            house.stop()
        await _ended(work)
        if "worker" in house.doing:
            house.worker.watchdog.stop()
        await house.close()


async def _ended(work: list[asyncio.Task[None]]) -> None:
    """Wait for what is in hand, as long as there is time."""
    done, late = await asyncio.wait(work, timeout=GRACE)
    for task in late:
        task.cancel()
    for task in done:
        if task.exception() is not None:
            telemetry.log.error("part failed", error=type(task.exception()).__name__)


def _door(host: str, port: int) -> socket.socket:
    """Listen at the address, or say why not and end."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        typer.echo(f"Nothing can listen at {host}:{port}: {why}. Give another address: AMANA_LISTEN=127.0.0.1:8001", err=True)
        raise typer.Exit(1) from None


async def _banner(house: House, server: Server) -> None:
    """Say what is where, once the port listens."""
    gc.freeze()
    gc.enable()
    while not server.started:  # noqa: ASYNC110 the server has a flag and no event
        await asyncio.sleep(0.02)
    settings = house.settings
    if house.doing != PARTS:
        typer.echo(f"\n  Amana does {' and '.join(sorted(house.doing))} here, watched at {settings.url}/readyz\n")
        sys.stdout.flush()
        return
    lines = ["", f"  Amana is at {settings.url}", f"  Talk to it:      {settings.url}/chat"]
    if sys.stdout.isatty():
        member = await house.staff.member(FIRST_STAFF) or await house.staff.add(
            FIRST_STAFF, language=settings.desk_language, role="operator"
        )
        token = await house.staff.one_time_link_token(member.id)
        lines.append(f"  Answer people:   {settings.url}/signin?token={token}   (opens once, within the hour)")
    else:
        lines.append(f"  Answer people:   {settings.url}/desk   (links: amana staff add ID, in a terminal)")
    lines.append(f"  Telegram:        {house.telegram_state()}")
    lines += [f"  ! {warning}" for warning in house.warnings()]
    typer.echo("\n".join([*lines, ""]))
    sys.stdout.flush()
