"""Walks people through the conversation over a webhook, and times each update from the post to the reply's arrival.

Rule 1: a person writes again only when the last reply has come; each reply is judged, and one that nobody waits for is an error.
Rule 2: an update that was confirmed and not answered when everything else is still is lost.
"""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Callable, Sequence
from itertools import count
from time import perf_counter
from typing import Any, cast

import msgspec

from tests.bench.workload import STEPS, Traveller

CONNECTIONS = 40
"""Telegram's own default for a webhook."""
SECRET = "a-bench-secret"
_encode = msgspec.json.Encoder().encode
_POST = (
    b"POST /webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nX-Telegram-Bot-Api-Secret-Token: "
    + SECRET.encode()
    + b"\r\nContent-Length: %d\r\n\r\n%s"
)


class Walk:
    """Where one person stands. `began`: when the update was posted that is not answered yet."""

    __slots__ = ("began", "buttons", "message", "step", "who")

    def __init__(self, chat: int) -> None:
        self.who = Traveller(chat)
        self.step = 0
        self.began = 0.0
        self.buttons: list[dict[str, Any]] = []
        self.message = 0


class Hook(asyncio.Protocol):
    """One connection to a webhook: one request at a time."""

    def __init__(self, pool: "Hooks") -> None:
        self._pool = pool
        self._rest = b""
        self.busy = False
        self.out: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.out = cast("asyncio.Transport", transport)

    def post(self, body: bytes) -> None:
        assert self.out is not None
        self.busy = True
        self.out.write(_POST % (len(body), body))

    def data_received(self, data: bytes) -> None:
        self._rest += data
        head, found, rest = self._rest.partition(b"\r\n\r\n")
        if not found:
            return
        lower = head.lower()
        length = int(lower.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        if b"chunked" in lower and not rest.endswith(b"0\r\n\r\n"):
            return
        if len(rest) < length:
            return
        self._rest, self.busy = b"", False
        closing = b"connection: close" in lower
        if closing and self.out is not None:
            self.out.close()
        self._pool.answered(self, int(head[9:12]), open_=not closing)

    def connection_lost(self, _error: Exception | None) -> None:
        self._pool.ended(self, busy=self.busy)


class Hooks:
    """The connections to the webhooks of one service; with several ports, each is written to in turn."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = ports
        self._turn = count()
        self._free: deque[Hook] = deque()
        self._waiting: deque[bytes] = deque()
        self._all: set[Hook] = set()
        self._open = 0
        self._opening: set[asyncio.Task[None]] = set()
        self.statuses: Counter[int] = Counter()

    def post(self, body: bytes) -> None:
        """Send it as soon as a connection is free."""
        if self._free:
            self._free.popleft().post(body)
            return
        self._waiting.append(body)
        if self._open < CONNECTIONS:
            self._open += 1
            task = asyncio.get_running_loop().create_task(self._connect(self._ports[next(self._turn) % len(self._ports)]))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    async def _connect(self, port: int) -> None:
        try:
            _, hook = await asyncio.get_running_loop().create_connection(lambda: Hook(self), "127.0.0.1", port)
        except OSError:
            self._open -= 1
            self.statuses[0] += 1
            return
        self._all.add(hook)
        self._next(hook)

    def answered(self, hook: Hook, status: int, *, open_: bool) -> None:
        self.statuses[status] += 1
        if open_:
            self._next(hook)

    def ended(self, hook: Hook, *, busy: bool) -> None:
        self._open -= 1
        self._all.discard(hook)
        if busy:
            self.statuses[0] += 1
        elif hook in self._free:
            self._free.remove(hook)

    async def close(self) -> None:
        """End every connection."""
        for hook in self._all:
            if hook.out is not None:
                hook.busy = False
                hook.out.abort()
        while self._all:
            await asyncio.sleep(0)

    def _next(self, hook: Hook) -> None:
        if self._waiting:
            hook.post(self._waiting.popleft())
        else:
            self._free.append(hook)

    @property
    def failed(self) -> int:
        """Requests that were not confirmed."""
        return sum(times for status, times in self.statuses.items() if status != 200)


class Load:
    """The people of one run."""

    def __init__(self, ports: Sequence[int], *, first: int) -> None:
        self.hooks = Hooks(ports)
        self.delays: list[float] = []
        self.answered = 0
        self.wrong: Counter[str] = Counter()
        self.lost = 0
        self.walks: dict[int, Walk] = {}
        self._chats = count(first)
        self._updates = count(1)
        self._ready: Callable[[Walk], None] = self._forget

    # ── what comes back ──
    def sent(self, chat: int, parameters: dict[str, Any], number: int) -> None:
        """A message arrived at the double."""
        walk = self.walks.get(chat)
        if walk is None or not walk.began:
            self.wrong["nobody waited"] += 1
            return
        if not walk.who.is_answered(walk.step, parameters.get("text", "")):
            self.wrong[f"another text at step {walk.step}"] += 1
        self.delays.append(perf_counter() - walk.began)
        self.answered += 1
        walk.began = 0.0
        walk.step += 1
        markup = parameters.get("reply_markup") or {}
        if "inline_keyboard" in markup:
            walk.buttons, walk.message = [button for row in markup["inline_keyboard"] for button in row], number
        if walk.step == STEPS:
            del self.walks[chat]
        self._ready(walk)

    def _forget(self, walk: Walk) -> None:
        """Nobody goes on."""

    # ── what is sent ──
    def new(self) -> Walk:
        """Somebody who has not written yet."""
        walk = Walk(next(self._chats))
        self.walks[walk.who.chat] = walk
        return walk

    def post(self, walk: Walk) -> None:
        """Send this person's next update."""
        update = walk.who.update(next(self._updates), walk.step, walk.buttons, walk.message)
        walk.began = perf_counter()
        self.hooks.post(_encode(update))

    async def saturate(self, seconds: float, people: int, measured: Callable[[], Any]) -> tuple[Any, Any]:
        """So many people who answer at once, for so long after a beginning; gives what `measured` says at both ends."""
        self._ready = lambda walk: self.post(walk if walk.step < STEPS else self.new())
        for _ in range(people):
            self.post(self.new())
        await asyncio.sleep(min(2.0, seconds / 2))
        begin = measured()
        self.delays.clear()
        await asyncio.sleep(seconds)
        end = measured()
        await self.settle()
        return begin, end

    async def paced(self, rate: float, seconds: float, measured: Callable[[], Any]) -> tuple[Any, Any]:
        """So many updates a second at random moments, whatever comes back."""
        resting: deque[Walk] = deque()
        self._ready = lambda walk: resting.append(walk if walk.step < STEPS else self.new())
        resting.extend(self.new() for _ in range(int(rate)))
        chance, begin = random.Random(11), None
        at, starts = perf_counter(), perf_counter() + 2.0
        while at < starts + seconds:
            at += chance.expovariate(rate)
            await asyncio.sleep(max(0.0, at - perf_counter()))
            if begin is None and at >= starts:
                begin = measured()
                self.delays.clear()
            self.post(resting.popleft() if resting else self.new())
        end = measured()
        delays = list(self.delays)
        await self.settle()
        self.delays = delays
        return begin, end

    async def stop_before_the_end(self, people: int) -> None:
        """So many new people go as far as the last question and leave it unanswered."""
        left = people - 100
        done = asyncio.Event()

        def ready(walk: Walk) -> None:
            nonlocal left
            if walk.step < STEPS - 1:
                self.post(walk)
            elif left > 0:
                left -= 1
                self.post(self.new())
            elif not any(each.began for each in self.walks.values()):
                done.set()

        self._ready = ready
        for _ in range(100):
            self.post(self.new())
        async with asyncio.timeout(120):
            await done.wait()
        self.walks.clear()

    async def settle(self) -> None:
        """Let nobody go on, and wait until everything is answered, or nothing has come for three seconds."""
        self._ready = self._forget
        quiet, answered = 0, self.answered
        while any(walk.began for walk in self.walks.values()) and quiet < 60:
            await asyncio.sleep(0.05)
            quiet, answered = (quiet + 1 if answered == self.answered else 0), self.answered
        self.lost += sum(bool(walk.began) for walk in self.walks.values())
        self.walks.clear()
        await asyncio.sleep(0.2)

    @property
    def problems(self) -> str:
        """What went wrong, in words; empty when nothing did."""
        failed = {"not confirmed": self.hooks.failed} if self.hooks.failed else {}
        return ", ".join(f"{what}: {times}" for what, times in {**self.wrong, **failed}.items())
