"""`amana run`: the banner, the web server, and everything that works beside it.

Rule 1: ready means: store open, flows in force, port listening. Nothing is accepted before.
Rule 2: on SIGTERM nothing new is received, what is in hand is finished, and the process ends within ten seconds.
"""

import asyncio
import gc
import signal
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
from bot.bootstrap.unlock import opened
from bot.cli.listening import door_at, listening
from bot.config import Settings
from bot.conversation.staffing.rights import ROLES
from bot.ports import StoreTaken, StoreUnavailable
from bot.web.app import build, watched
from bot.web.straight import straight

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
        self._house.end_streams()
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
        await opened(house)
    except StoreTaken as taken:
        typer.echo(str(taken) or "Another Amana already uses this store. Stop it first.", err=True)
        raise typer.Exit(1) from None
    except StoreUnavailable as error:
        typer.echo(
            f"The store {settings.store_shown} cannot be opened: {error} Start it, or correct AMANA_STORE (docs/storage.md).", err=True
        )
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
    settings, apart = house.settings, house.settings.metrics_address
    # Whoever only works has no page: it is watched at one address, that of the metrics if there is one.
    alone = house.doing == {"worker"} and apart is not None
    host, port = apart if alone and apart else settings.address
    door = door_at(host, port, "AMANA_METRICS_LISTEN" if alone else "AMANA_LISTEN")
    parts, behind_proxy = house.web_parts(), bool(house.settings.public_url)
    app = build(parts) if "web" in house.doing else watched(parts)
    config = uvicorn.Config(
        app, host=host, port=port, http=straight(parts.hooks), log_config=None,  # type: ignore[arg-type]  # any maker of protocols does
        access_log=False, server_header=False, date_header=False,
        lifespan="off", timeout_graceful_shutdown=3, proxy_headers=behind_proxy, forwarded_allow_ips="127.0.0.1",
    )  # fmt: skip
    server = Server(config, house)
    if "worker" in house.doing:
        house.worker.watchdog.start()
        await house.worker.inherit(INHERITING)
    async with listening(parts, None if alone else apart), asyncio.TaskGroup() as group:
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


async def _banner(house: House, server: Server) -> None:
    """Say what is where, once the port listens."""
    gc.freeze()
    # A turn leaves hardly any circle behind: looking for them after every 700 things made is a fifteenth of all time, after 50,000 nothing.
    gc.set_threshold(50_000, 20, 20)
    gc.enable()
    while not server.started:  # noqa: ASYNC110 the server has a flag and no event
        await asyncio.sleep(0.02)
    settings = house.settings
    if house.doing != PARTS:
        typer.echo(f"\n  Amana runs here as {' and '.join(sorted(house.doing))}. How it is: {_watched_at(house)}/readyz")
        if "web" in house.doing:
            typer.echo(
                f"  Talk to it:  {settings.url}/chat\n  Answer people:  {settings.url}/desk   (links: amana staff add ID, in a terminal)\n"
                f"  Change flows:  {settings.url}/studio"
            )
        typer.echo("")
        sys.stdout.flush()
        return
    lines = ["", f"  Amana is at {settings.url}", f"  Talk to it:      {settings.url}/chat"]
    lines += await _ways_in(house)
    lines.append(f"  Telegram:        {house.telegram_state()}")
    lines += [f"  ! {warning}" for warning in house.warnings()]
    typer.echo("\n".join([*lines, ""]))
    sys.stdout.flush()


async def _ways_in(house: House) -> list[str]:
    """How colleagues come in; links are printed to a terminal only, because a log is read by others."""
    url = house.settings.url
    if not sys.stdout.isatty():
        return [f"  Answer people:   {url}/desk   (links: amana staff add ID, in a terminal)", f"  Change flows:    {url}/studio"]
    member = await house.staff.member(FIRST_STAFF) or await house.staff.add(FIRST_STAFF, language=house.settings.desk_language, roles=ROLES)
    desk, studio = await house.door.link(member, "enter"), await house.door.link(member, "enter", beside=True)
    return [
        f"  Answer people:   {url}/signin?token={desk}   (opens once, within the hour)",
        f"  Change flows:    {url}/signin?token={studio}&to=studio   (opens once, within the hour)",
    ]


def _watched_at(house: House) -> str:
    apart = house.settings.metrics_address
    return f"http://{apart[0]}:{apart[1]}" if apart is not None else house.settings.url
