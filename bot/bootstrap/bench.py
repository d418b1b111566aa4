"""The bench: one process of its own in which what authors wrote is checked and tried, so that nobody who is answered waits for it.

Rule 1: it is given no key, no store, no address: its environment is empty, and what it gives back is read as plain values only.
Rule 2: work that takes too long or too much memory ends the process, not the service; the next work gets a new one.
Rule 3: it begins when it is first needed, ends when it is idle, and cannot outlive the service, however that ends.
Rule 4: work waits in the order in which it came; of a lane only the latest is worth doing.
"""

import asyncio
import math
import struct
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import bot
from bot.bootstrap.bench_wire import NoValue, Sent, plain_values
from bot.studio.drafts.parts import Outdated, TooMuch
from bot.telemetry import log

P = ParamSpec("P")
T = TypeVar("T")

SECONDS: Final = 30.0
"""The longest that one piece of work may take."""
MEGABYTES: Final = 1024
"""The most memory that the process may ask for."""
IDLE: Final = 600.0
"""Seconds without work after which the process ends."""
_LONGER: Final = 2
"""Seconds after which the process ends by itself, if nobody is there to end it when its time is over."""
_MOST_ANSWERED: Final = 64 * 1024 * 1024
_SIZE: Final = struct.Struct(">Q")


@dataclass(eq=False)
class _Job:
    """Work that waits. `lane`: empty, or where only the latest counts."""

    lane: str
    call: tuple[Callable[..., Any], tuple[Any, ...], Mapping[str, Any]]
    done: "asyncio.Future[Any]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def fail(self, error: BaseException) -> None:
        """Tell who waits."""
        if not self.done.done():
            self.done.set_exception(error)


class ProcessBench:
    """The bench of a service. `seconds`, `megabytes`, `idle`: see the constants."""

    def __init__(self, *, seconds: float = SECONDS, megabytes: int = MEGABYTES, idle: float = IDLE) -> None:
        self._seconds, self._megabytes, self._idle = seconds, megabytes, idle
        self._waiting: deque[_Job] = deque()
        self._working: asyncio.Task[None] | None = None
        self._child: _Child | None = None
        self._left: _Child | None = None
        self._ends: asyncio.TimerHandle | None = None
        self._over = False

    async def __call__(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Do it and give what it gives; raises what it raises, or `TooMuch`."""
        return await self._do("", work, args, named)

    def latest(self, lane: str) -> "Lane":
        """Give a bench whose waiting work is dropped for newer work of the same lane."""
        return Lane(self, lane)

    def end(self) -> None:
        """Work no more: what is under way and what waits fails at once."""
        self._over = True
        if self._working is not None:
            self._working.cancel()
        while self._waiting:
            self._waiting.popleft().fail(TooMuch())
        if self._ends is not None:
            self._ends.cancel()
        self._rest()

    async def close(self) -> None:
        """End, and see the process gone."""
        self.end()
        if self._left is not None:
            await self._left.gone()

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._child.pid if self._child is not None else None

    async def _do(self, lane: str, work: Callable[..., T], args: tuple[Any, ...], named: Mapping[str, Any]) -> T:
        if self._over:
            raise TooMuch
        job = _Job(lane, (work, args, named))
        if lane:
            self._outdate(lane)
        self._waiting.append(job)
        if self._working is None or self._working.done():
            self._working = asyncio.get_running_loop().create_task(self._work())
        done: T = await job.done
        return done

    def _outdate(self, lane: str) -> None:
        for job in [job for job in self._waiting if job.lane == lane]:
            self._waiting.remove(job)
            job.fail(Outdated())

    async def _work(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
        while self._waiting:
            job = self._waiting.popleft()
            if job.done.done():  # who asked has gone away
                continue
            try:
                await self._one(job)
            except asyncio.CancelledError:
                job.fail(TooMuch())
                raise
            except Exception as error:  # noqa: BLE001 who asked is told, and whoever waits has a turn
                self._rest()
                job.fail(error)
        self._ends = asyncio.get_running_loop().call_later(self._idle, self._rest)

    async def _one(self, job: _Job) -> None:
        if self._child is None:
            self._child = await _Child.begin(self._megabytes, self._seconds)
        try:
            async with asyncio.timeout(self._seconds):
                raised, given, leaves = await self._child.ask(job.call)
        except (TimeoutError, EOFError, OSError) as error:
            self._rest()
            log.warning("bench ended", reason="time" if isinstance(error, TimeoutError) else "died", where=job.call[0].__qualname__)
            job.fail(TooMuch())
            return
        if leaves:
            self._rest()
        if raised:
            job.fail(given)
        elif not job.done.done():
            job.done.set_result(given)

    def _rest(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._left, self._child = self._child, None


class Lane:
    """A bench of which only the latest work is wanted; older work that still waits raises `Outdated`."""

    def __init__(self, bench: ProcessBench, lane: str) -> None:
        self._bench, self._lane = bench, lane

    async def __call__(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Do it and give what it gives; raises what it raises, `TooMuch` or `Outdated`."""
        return await self._bench._do(self._lane, work, args, named)  # noqa: SLF001 a lane is a door of the bench


class _Child:
    """The process, and which bundles it has."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._sent = Sent()
        self.pid = process.pid

    @classmethod
    async def begin(cls, megabytes: int, seconds: float) -> "_Child":
        """Start it: nothing of this process' environment goes with it but where the program is."""
        root = str(Path(bot.__file__).parents[1])
        environment = {"PYTHONPATH": root, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
        command = (sys.executable, "-m", "bot.bootstrap.bench_child", str(megabytes), str(math.ceil(seconds) + _LONGER))
        return cls(
            await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment, cwd="/", close_fds=True, start_new_session=True
            )
        )

    async def ask(self, call: object) -> tuple[bool, Any, bool]:
        """Give (whether it raised, what it gave or raised, whether the process leaves); raises `EOFError`, `OSError`."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise EOFError
        data = self._sent.packed(call)
        stdin.write(_SIZE.pack(len(data)))
        stdin.write(data)
        await stdin.drain()
        try:
            (size,) = _SIZE.unpack(await stdout.readexactly(_SIZE.size))
            if size > _MOST_ANSWERED:
                raise EOFError
            return plain_values(await stdout.readexactly(size))
        except NoValue as error:
            raise TypeError("what the work gives is no plain value") from error
        except asyncio.IncompleteReadError as error:
            raise EOFError from error

    async def gone(self) -> None:
        """Wait until the system says that it has ended."""
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self._process.wait()

    def kill(self) -> None:
        """End it now; who it was is told by the system in its own time."""
        with suppress(ProcessLookupError):
            self._process.kill()
