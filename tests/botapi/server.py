"""The double itself: what tests do with it, and what a bot asks of it.

Rule 1: `calls` holds what was carried out, in that order; `ledger` holds everything that was asked, with its times.
Rule 2: a chat that was told to wait is watched: a call inside the wait stands in `impatient`, and is refused again.
"""

import asyncio
import itertools
import json
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tests.botapi.fault import Fault, Refusal
from tests.botapi.hook import Hook
from tests.botapi.methods import Methods
from tests.botapi.updates import Updates
from tests.botapi.waiting import Waiting
from tests.botapi.wire import Line

TOKEN = "123456:TESTTOKEN"
LONGEST_POLL = 50.0
_CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
_HOOKED = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
_encode = json.JSONEncoder(separators=(",", ":")).encode  # as Telegram escapes: even half a character gets through


@dataclass(slots=True)
class Asked:
    """One call, in seconds of the double. `status`: as answered, 0 for no answer."""

    method: str
    parameters: dict[str, Any]
    asked: float
    executed: float | None = None
    answered: float | None = None
    status: int = 0
    result: Any = None


@dataclass
class BotApiServer:
    """The double. `calls`: (method, parameters) in order of carrying out. `latency`: seconds before and after carrying out a call.

    `spread`: each of them is drawn anew for each call, up to so many times as long.
    """

    _PACED: ClassVar[frozenset[str]] = frozenset({"sendMessage", "createForumTopic", "editForumTopic", "editMessageText", "deleteMessages"})

    port: int = 0
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    ledger: list[Asked] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    offsets: list[int | None] = field(default_factory=list)
    longest_poll: float = 1.0
    latency: tuple[float, float] = (0.0, 0.0)
    spread: float = 1.0
    under_way: int = 0
    """How many calls, polls apart, were asked and not answered yet."""
    hurry: float = 20.0
    """How many of Telegram's seconds between two attempts of a webhook go into one of ours."""
    patience: dict[int, float] = field(default_factory=dict)
    """Chat → until when it was told to wait."""
    impatient: list[Asked] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    on_call: Callable[[Asked], None] | None = None
    """Is told of each call that was carried out."""
    make: Updates = field(default_factory=Updates)
    waiting: Waiting = field(default_factory=Waiting)
    _moved: float = 0.0
    _polls: itertools.count = field(default_factory=itertools.count)
    _poll: int = -1
    _last_poll: tuple[int, float] = (-1, 0.0)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _kinds: list[str] | None = None
    _door: asyncio.Server | None = None

    def __post_init__(self) -> None:
        self.methods = Methods(now=self.now, next_id=lambda: next(self.make.ids))
        self.hook = Hook(waiting=self.waiting, now=self.now, hurry=self.hurry, said=self.told)
        self.lines: set[Line] = set()
        self.text, self.press, self.in_topic, self.left = self.make.text, self.make.press, self.make.in_topic, self.make.left
        self.press_in_topic, self.standing = self.make.press_in_topic, self.make.standing

    # ── what tests do ──
    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def webhook(self) -> str:
        """Where updates are brought; empty for nowhere."""
        return self.hook.url

    @property
    def secret(self) -> str:
        """What proves to the webhook that it is us."""
        return self.hook.secret

    @property
    def updates(self) -> list[dict[str, Any]]:
        """What is not confirmed yet, in order."""
        self.waiting.expire(self.now())
        return [row.update for row in self.waiting.rows.values()]

    def now(self) -> float:
        """Give its clock."""
        return time.time() + self._moved

    def move(self, seconds: float) -> None:
        """Let so much time pass for Telegram."""
        self._moved += seconds
        self.waiting.expire(self.now())
        self.hook.wake()

    def push(self, update: dict[str, Any]) -> dict[str, Any]:
        """Put an update into the queue."""
        if "update_id" not in update:
            update["update_id"] = next(self.make.numbers)
        press = update.get("callback_query")
        if isinstance(press, dict) and "id" in press:
            self.methods.presses[str(press["id"])] = self.now()
        self.waiting.push(update, self.now())
        self._news.set()
        self.hook.wake()
        return update

    def sent(self, chat: int | str, method: str = "sendMessage") -> list[dict[str, Any]]:
        """Give what was sent to a chat, in order."""
        return [parameters for name, parameters in self.calls if name == method and str(parameters.get("chat_id")) == str(chat)]

    def of(self, method: str) -> list[dict[str, Any]]:
        """Give the parameters of each call of a method."""
        return [parameters for name, parameters in self.calls if name == method]

    # ── what a bot asks ──
    def asked(self, line: Line, path: str, given: dict[str, Any]) -> None:
        """One request came whole."""
        _, token, method = ("", "", "") if path.count("/") != 2 else path.split("/")
        if token != f"bot{TOKEN}":
            line.reply(404, b'{"ok":false,"error_code":404,"description":"Not Found"}')
            return
        entry = Asked(method, given, self.now())
        self.ledger.append(entry)
        if method in self._PACED and self._waits(given) > 0:
            self.impatient.append(entry)
        fault = next((f for f in self.faults if f.hits(method, given, self.chance.random())), None)
        if fault is not None:
            fault.times -= fault.share is None
            self._start(self._spoil(line, entry, fault))
        elif method == "getUpdates":
            self._start(self._get_updates(line, entry))
        else:
            self.under_way += 1
            self._later(self._drawn(self.latency[0]), lambda: self._serve(line, entry))

    def told(self, said: bytes) -> None:
        """What a webhook answers with is taken for a call of the method that it names; nobody hears what became of it."""
        given = json.loads(said) if said else {}
        if method := given.pop("method", ""):
            entry = Asked(method, given, self.now())
            self.ledger.append(entry)
            if not any(fault.hits(method, given, self.chance.random()) for fault in self.faults):
                self._execute(entry)

    def _drawn(self, seconds: float) -> float:
        return seconds * self.chance.uniform(1.0, self.spread)

    def _serve(self, line: Line, entry: Asked) -> None:
        status, body = self._execute(entry)
        self._later(self._drawn(self.latency[1]), lambda: self._served(line, entry, status, body))

    def _served(self, line: Line, entry: Asked, status: int, body: dict[str, Any]) -> None:
        self.under_way -= 1
        self._answer(line, entry, status, body)

    def _execute(self, entry: Asked) -> tuple[int, dict[str, Any]]:
        """Carry it out; gives status and body."""
        try:
            self._patient(entry)
            result = entry.result = self._settings(entry) if "Webhook" in entry.method else self.methods.do(entry.method, entry.parameters)
        except Refusal as refusal:
            return refusal.status, refusal.body()
        entry.executed = self.now()
        self.calls.append((entry.method, entry.parameters))
        if self.on_call is not None:
            self.on_call(entry)
        return 200, {"ok": True, "result": result}

    def _waits(self, given: dict[str, Any]) -> float:
        """Seconds that this chat still has to be left alone."""
        return self.patience.get(int(given.get("chat_id") or 0), 0.0) - self.now() if self.patience else 0.0

    def _patient(self, entry: Asked) -> None:
        left = self._waits(entry.parameters) if entry.method in self._PACED else 0.0
        if left > 0:
            seconds = int(left) + 1
            raise Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)

    def _settings(self, entry: Asked) -> Any:
        given = entry.parameters
        if entry.method == "getWebhookInfo":
            return {"url": self.webhook, "has_custom_certificate": False, "pending_update_count": len(self.waiting)}
        url = given.get("url", "") if entry.method == "setWebhook" else ""
        self.hook.set(url, given.get("secret_token", "") if url else self.secret, int(given.get("max_connections") or 40))
        if given.get("drop_pending_updates"):
            self.waiting.confirm(-1)
            self.waiting.confirm(2**63)
        self._news.set()
        return True

    def _answer(self, line: Line, entry: Asked, status: int, body: dict[str, Any]) -> None:
        entry.status, entry.answered = status, self.now()
        line.reply(status, _encode(body).encode())

    async def _spoil(self, line: Line, entry: Asked, fault: Fault) -> None:
        body: dict[str, Any] = {"ok": True, "result": True}
        await asyncio.sleep(self.latency[0])
        if fault.after:
            _, body = self._execute(entry)
        entry.answered = self.now()
        match fault.how:
            case "answer":
                self._told_to_wait(entry, fault)
                entry.status = fault.status
                line.reply(fault.status, _encode(Refusal(fault.status, fault.description, **fault.parameters).body()).encode())
            case "html":
                entry.status = fault.status
                line.reply(fault.status, b"<html><head><title>502 Bad Gateway</title></head></html>", "text/html")
            case "silent":
                await asyncio.sleep(fault.seconds)
                line.close()
            case "reset":
                line.reset()
            case "slow":
                await self._drip(line, _encode(body).encode(), fault.seconds)
            case "broken":
                line.reply(200, _encode(body).encode()[:-4])
            case "half":
                line.reply(200, _encode(body).encode(), promised=4096)
                line.close()
            case "shape":
                line.reply(200, b'["ok", true]', "text/plain")

    async def _drip(self, line: Line, body: bytes, seconds: float) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        for byte in head + body:
            if not line.open:
                return
            line.write(bytes([byte]))
            await asyncio.sleep(seconds)

    def _told_to_wait(self, entry: Asked, fault: Fault) -> None:
        seconds = fault.parameters.get("retry_after")
        if seconds and "chat_id" in entry.parameters:
            self.patience[int(entry.parameters["chat_id"])] = self.now() + float(seconds)

    # ── polling ──
    async def _get_updates(self, line: Line, entry: Asked) -> None:
        try:
            result = await self._poll_once(entry)
        except Refusal as refusal:
            self._answer(line, entry, refusal.status, refusal.body())
        else:
            self._answer(line, entry, 200, {"ok": True, "result": result})

    async def _poll_once(self, entry: Asked) -> list[dict[str, Any]]:
        given = entry.parameters
        given_offset = given.get("offset")
        offset, limit = int(given_offset or 0), max(1, min(int(given.get("limit") or 100), 100))
        seconds = max(0.0, min(float(given.get("timeout") or 0), LONGEST_POLL))
        self.offsets.append(given_offset)
        if self.webhook:
            raise Refusal(409, _HOOKED)
        if given.get("allowed_updates") is not None:
            self._kinds = given["allowed_updates"]
        seconds, limit = self._same_again(offset, seconds, limit)
        mine = self._poll = next(self._polls)
        self._news.set()  # an older poll wakes, and finds that it is not the latest any more
        self.waiting.expire(self.now())
        self.waiting.confirm(offset)
        await self._wait(min(seconds, self.longest_poll), lambda: len(self.waiting) or self._poll != mine or bool(self.webhook))
        if self._poll != mine:
            raise Refusal(409, _CONFLICT)
        if self.webhook:
            raise Refusal(409, "Conflict: terminated by setWebhook request")
        return self.waiting.first(limit, self._kinds)

    def _same_again(self, offset: int, seconds: float, limit: int) -> tuple[float, int]:
        """Who asks for the same again at once waits longer and gets less."""
        last, at = self._last_poll
        now = time.monotonic()
        self._last_poll = offset, now
        if offset != last or offset == 0:
            return seconds, limit
        return (max(seconds, 3.0) if now < at + 3.0 else seconds), (1 if now < at + 0.5 else limit)

    async def _wait(self, seconds: float, until: Callable[[], Any]) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not until():
                    self._news.clear()
                    await self._news.wait()

    # ── running ──
    async def listen(self) -> None:
        """Take connections, at a free port or where it was before."""
        loop = asyncio.get_running_loop()
        self._door = await loop.create_server(lambda: Line(self.asked, self.lines), "127.0.0.1", self.port, backlog=1024)
        self.port = self._door.sockets[0].getsockname()[1]

    def away(self) -> None:
        """Be out of reach: no new connection, and none that is open. `listen` ends it."""
        if self._door is not None:
            self._door.close()
        for line in list(self.lines):
            line.reset()

    def _later(self, seconds: float, work: Callable[[], None]) -> None:
        if seconds:
            asyncio.get_running_loop().call_later(seconds, work)
        else:
            work()

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@asynccontextmanager
async def serving(server: BotApiServer | None = None) -> AsyncIterator[BotApiServer]:
    """Run the double on a free port of this machine."""
    double = server or BotApiServer()
    await double.listen()
    webhooks = asyncio.create_task(double.hook.run())
    try:
        yield double
    finally:
        double.away()
        tasks = [webhooks, *double._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        if not webhooks.cancelled() and webhooks.exception() is not None:
            raise webhooks.exception() from None  # type: ignore[misc]
