"""Making connections, and keeping one: to whichever server is to be asked now.

Rule 1: only a master is asked; what calls itself a replica is left at once, also when it was a master a moment ago.
Rule 2: before a line to another server (or another life of it) is used, it is said that it changed, and some turns of the loop pass,
so that nothing that was made ready for the one before goes there.
"""

import asyncio
import os
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from typing import Any, Final, TypeAlias, TypeVar

from bot.conversation.running.dialing import Host
from bot.ports import StoreUnavailable
from bot.storage.redis.lines import Confirm, Line
from bot.storage.redis.wire import Address, Script, ScriptFailed, Surveyed, Word, refuse

CONNECT: Final = 2.0
GREETS: Final = 10.0
"""Seconds of a greeting that goes on: over a slow line the scripts alone take some. A server that falls silent meanwhile is left sooner."""
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 0.5
LOOK: Final = 1.0
"""Seconds after which it is asked again which server is in charge."""
_TURNS: Final = 4
_lines = count(1)
P = TypeVar("P", bound=asyncio.BaseProtocol)
_SETTINGS: Final = ("appendfsync", "min-replicas-to-write")


@dataclass(frozen=True, slots=True)
class Place:
    """A server in charge. `term`: another word each time that one is put in charge."""

    address: Address
    term: str = ""


Find: TypeAlias = Callable[[], Awaitable[Place]]


def info_of(text: bytes) -> dict[str, str]:
    """Read what INFO gives."""
    pairs = (line.partition(":") for line in text.decode("utf-8", "replace").splitlines() if ":" in line)
    return {name: value for name, _, value in pairs}


def _why(error: OSError | TimeoutError) -> str:
    if isinstance(error, TimeoutError):
        return "not in time"
    if isinstance(error, ssl.SSLError):
        return "its certificate is not to be trusted" if isinstance(error, ssl.SSLCertVerificationError) else "no TLS"
    return os.strerror(error.errno).lower() if error.errno and error.errno > 0 else "not reached"


@dataclass(frozen=True, slots=True)
class Dialer:
    """Connects. `replicas`: how many must have a write; `disk`: ask for their disks where servers can answer that."""

    context: ssl.SSLContext | None = None
    replicas: int = 0
    disk: bool = True
    hosts: dict[tuple[str, int], Host] = field(default_factory=dict, repr=False, compare=False)

    async def dial(self, at: Address, scripts: Sequence[Script] = (), *, master: bool = True) -> Line:
        """Give a line that knows these scripts; raises `StoreUnavailable`."""
        line = await self.plain(at)
        greeting = asyncio.get_running_loop().create_task(self._greet(line, at, scripts, master=master))
        try:
            async with asyncio.timeout(GREETS):
                while not greeting.done():
                    await asyncio.wait((greeting,), timeout=CONNECT / 8)
                    if line.silent(CONNECT):
                        raise TimeoutError  # noqa: TRY301 as if its time were over
            await greeting
        except BaseException as error:
            greeting.cancel()
            line.drop()
            if isinstance(error, TimeoutError):
                raise StoreUnavailable("Redis does not answer in time.") from None
            if isinstance(error, StoreUnavailable | ScriptFailed):
                raise StoreUnavailable(f"Redis does not take us: {error}") from None
            raise
        return line

    async def plain(self, at: Address) -> Line:
        """Give a line to whoever listens there, not greeted yet; raises `StoreUnavailable`."""
        return await self.reached(at, Line)

    async def reached(self, at: Address, made: Callable[[], P]) -> P:
        """Give a protocol that is connected to whoever listens there; raises `StoreUnavailable`."""
        try:
            async with asyncio.timeout(CONNECT):
                if at.path:
                    return (await asyncio.get_running_loop().create_unix_connection(made, at.path))[1]
                context = (self.context or ssl.create_default_context()) if at.tls else None
                host = self.hosts.setdefault((at.host, at.port), Host(at.host, at.port))
                return await host.connected(made, context)
        except (OSError, TimeoutError) as error:
            raise StoreUnavailable(f"Redis does not answer ({_why(error)}).") from None

    async def _greet(self, line: Line, at: Address, scripts: Sequence[Script], *, master: bool) -> None:
        asked = [line.ask("AUTH", *((at.user,) if at.user else ()), at.password)] if at.password else []
        if at.db:
            asked.append(line.ask("SELECT", at.db))
        asked.append(line.ask("INFO"))
        line.info = info_of((await answers_of(asked))[-1])
        if master and line.info.get("role", "master") != "master":
            raise StoreUnavailable("this server is a replica.")
        lives = line.info.get("run_id", ""), line.info.get("master_replid", "")
        line.life = "/".join(lives) if any(lives) else f"line {next(_lines)}"  # who does not tell is another at each line
        await answers_of([line.ask("SCRIPT", "LOAD", script.text) for script in scripts])
        if self.replicas and master:
            line.confirm = Confirm(self.replicas, disk=self.disk and await _confirms_disks(line))


async def answers_of(asked: "list[asyncio.Future[Any]]") -> list[Any]:
    """Wait for all answers; raises the first error among them."""
    answers = await asyncio.gather(*asked, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return answers


async def _confirms_disks(line: Line) -> bool:
    """Whether the server knows WAITAOF, and writes at once: one that writes each second would make every message wait for it."""
    if line.info.get("aof_enabled") != "1":
        return False
    asked = [line.ask("COMMAND", "INFO", "WAITAOF"), line.ask("CONFIG", "GET", "appendfsync")]
    try:
        known, fsync = await answers_of(asked)
    except (StoreUnavailable, ScriptFailed):  # hosted servers forbid CONFIG
        return False
    return any(known) and fsync[1:] == [b"always"]


class Kept:
    """A line that is made anew when it is lost. `find`: where to; `looks`: it asks now and then whether that is still so.

    `agreed`: asked after each confirmation of replicas whether that place is in charge still.
    """

    def __init__(
        self, dialer: Dialer, find: Find, *, changed: Callable[[], None], refused: Callable[[str], None] | None = None, looks: bool = False,
        agreed: Callable[[Place], Awaitable[bool]] | None = None,
    ) -> None:  # fmt: skip
        self._dialer = dialer
        self._find = find
        self._changed = changed
        self._refused = refused
        self._looks = looks
        self._agreed = agreed
        self._next_look = 0.0
        self._scripts: Sequence[Script] = ()
        self._keeping: asyncio.Task[None] | None = None
        self.line: Line | None = None
        self.place: Place | None = None
        self.home = ""

    async def open(self, scripts: Sequence[Script]) -> None:
        """Connect; raises `StoreUnavailable`."""
        self._scripts = scripts
        await self._anew()
        self.keep()

    def keep(self, scripts: Sequence[Script] | None = None) -> None:
        """Keep the line from here on, also if there is none yet."""
        self._scripts = self._scripts if scripts is None else scripts
        self._keeping = asyncio.get_running_loop().create_task(self._keep())

    async def close(self) -> None:
        """Close the line."""
        if self._keeping is not None:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
            self._keeping = None
        if self.line is not None:
            self.line.drop()
            self.line = None

    def run(self, script: Script, future: "asyncio.Future[Any]", args: tuple[Word, ...]) -> None:
        """Run a script; `args` begin with the count of keys."""
        if self.line is None:
            refuse(future)
        else:
            self.line.run(script, future, args)

    def ask(self, *words: Word) -> "asyncio.Future[Any]":
        """Run a command."""
        if self.line is not None:
            return self.line.ask(*words)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        refuse(future)
        return future

    async def _anew(self) -> None:
        place = await self._find()
        line = await self._dialer.dial(place.address, self._scripts)
        line.refused = lambda word: self._told(line, word)
        if self._agreed is not None:
            line.agreed = partial(self._agreed, place)
        home = f"{place.address.name} {place.term} {line.life}"
        if home != self.home:
            self.line, self.home, self.place = None, home, place
            self._changed()
            try:
                for _ in range(_TURNS):
                    await asyncio.sleep(0)
            except asyncio.CancelledError:
                line.drop()
                raise
        self.line = line

    def _told(self, line: Line, word: str) -> None:
        if word in ("READONLY", "UNBLOCKED"):
            line.drop()
        if self._refused is not None:
            self._refused(word)

    async def _keep(self) -> None:
        """Watch the connection, and make it anew when it is lost."""
        pause = FIRST_PAUSE
        while True:
            line = self.line
            if line is not None and not line.lost.is_set():
                pause = FIRST_PAUSE
                await self._watch(line)
                continue
            try:
                await self._anew()
            except Exception:  # noqa: BLE001 whatever one try met, without the next one nobody is answered until the next start
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _watch(self, line: Line) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await line.lost.wait()
        now = asyncio.get_running_loop().time()
        if line.silent():
            line.drop()
        elif self._looks and now >= self._next_look:
            self._next_look = now + LOOK
            with suppress(Exception):  # it is looked for again in a second
                if await self._find() != self.place:
                    line.drop()


async def surveyed(dialer: Dialer, kept: Kept) -> list[Surveyed]:
    """Ask a master and its replicas what they promise; raises `StoreUnavailable` if the master does not answer."""
    if kept.line is None or kept.place is None:
        raise StoreUnavailable("Redis is not reached.")
    master, at = kept.line, kept.place.address
    info = info_of(await master.ask("INFO"))
    found = [Surveyed(at.name, master=True, info=info, settings=await _settings(master))]
    return [
        *found,
        *await asyncio.gather(*(_replica(dialer, replace(at, host=host, port=port, path="")) for host, port in replicas_of(info))),
    ]


def replicas_of(info: dict[str, str]) -> list[tuple[str, int]]:
    """Give where the replicas are that a master names."""
    rows = [dict(part.partition("=")[::2] for part in value.split(",")) for name, value in info.items() if _is_replica(name)]
    return [(row["ip"], int(row["port"])) for row in rows if row.get("ip") and row.get("port", "").isdecimal()]


def _is_replica(name: str) -> bool:
    return name.startswith("slave") and name.removeprefix("slave").isdecimal()


async def _replica(dialer: Dialer, at: Address) -> Surveyed:
    try:
        line = await dialer.dial(replace(at, db=0), master=False)
    except StoreUnavailable:
        return Surveyed(at.name, master=False, info={}, settings={})
    settings = await _settings(line)
    line.drop()
    return Surveyed(at.name, master=False, info=line.info, settings=settings)


async def _settings(line: Line) -> dict[str, str]:
    answers = await asyncio.gather(*(line.ask("CONFIG", "GET", name) for name in _SETTINGS), return_exceptions=True)
    return {
        name: answer[1].decode() for name, answer in zip(_SETTINGS, answers, strict=True) if isinstance(answer, list) and len(answer) > 1
    }
