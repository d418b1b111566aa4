"""Telegram's door inwards: by webhook or by polling, an update is on disk before Telegram is told that it came.

Rule 1: each update is read alone; one that cannot be read is put aside, sealed, and harms no other.
Rule 2: a press is acknowledged after it is accepted, best effort, and never after ten seconds; by webhook in the answer itself, which
Telegram takes for a call of the method that it names: that saves a call, and what became of it is nobody's question.
Rule 3: nothing of an update is ever logged.
"""

import asyncio
import hmac
from collections.abc import Callable, Coroutine, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Protocol

import msgspec
from msgspec import Raw
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError, TimedOut

from bot.channels.telegram.caseworkers import Caseworkers
from bot.channels.telegram.http1 import NotSent
from bot.channels.telegram.transport import BotApi
from bot.channels.telegram.wire import (
    FromGroup,
    FromPerson,
    FromStaff,
    GroupMoved,
    GroupStands,
    Read,
    StaffPressed,
    TopicShut,
    number_of,
    read,
)
from bot.conversation.keeping.intake import Intake
from bot.conversation.running.crashpoint import crashpoint
from bot.conversation.running.holds import Hold
from bot.ports import Clock, StoreUnavailable

LARGEST = 1 << 20
"""Bytes of one update we read; Telegram's own limit is 64 KiB."""
ANSWER_WITHIN = 10.0
POLL_SECONDS = 25
BATCH = 100
POLLER_PAUSE = 1.0
"""Seconds between two looks whether the poll is ours."""
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
AWAY_PAUSE = 2.0
"""Seconds between two tries where nobody was reached: it costs nobody anything, and who is back is found at once."""
_SECRET = b"x-telegram-bot-api-secret-token"
_encode = msgspec.json.Encoder().encode


class DoorTold(Protocol):
    """What the door tells the operator's counters."""

    def arrived(self, channel: str, fresh: int, repeated: int, unreadable: int) -> None:
        """So many events came in."""

    def polled(self, *, ok: bool) -> None:
        """A poll ended."""

    def barred(self, why: str) -> None:
        """Telegram did not answer as it should: `token-refused`, `another-poller`, `store-down` or `not-reached`."""


class TelegramDoor:
    """Takes updates in."""

    def __init__(
        self,
        *,
        api: BotApi,
        polls: BotApi,
        intake: Intake,
        clock: Clock,
        languages: Callable[[], Sequence[str]],
        told: DoorTold,
        caseworkers: Sequence[Caseworkers] = (),
        secret: str = "",
        path: str = "/telegram",
        hold: Hold | None = None,
    ) -> None:
        self._hold = hold
        self._path = path
        self._api = api
        self._polls = polls
        self._intake = intake
        self._clock = clock
        self._languages = languages
        self._told = told
        self._caseworkers = caseworkers
        self._secret = secret.encode()
        self._stop = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._call: asyncio.Future[Any] | None = None

    # ── webhook ──
    @property
    def path(self) -> str:
        """Give the webhook's path."""
        return self._path

    async def hooked(self, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> tuple[int, bytes]:
        """Take one request of the webhook and give status and body of its answer: 200 once it is on disk."""
        given = b""
        for name, value in headers:
            if name == _SECRET:
                given = value
        if not self._secret or not hmac.compare_digest(given, self._secret):
            return HTTPStatus.FORBIDDEN, b""
        began = self._clock.steady()
        crashpoint("door.before_take")
        try:
            seen = [(body, self._read(body))]
            presses = await self._kept(seen)
            await self._grouped(seen)
        except StoreUnavailable:
            return HTTPStatus.SERVICE_UNAVAILABLE, b""
        crashpoint("door.before_confirm")
        if presses and self._clock.steady() - began < ANSWER_WITHIN:
            return HTTPStatus.OK, _encode({"method": "answerCallbackQuery", "callback_query_id": presses[0]})
        return HTTPStatus.OK, b""

    # ── polling ──
    async def poll(self) -> None:
        """Ask for updates until stopped; every failure is waited out. Of several processes only the one that holds the poll asks."""
        if self._hold is not None:
            self._start(self._keep(self._hold))
        confirm, pause = 0, FIRST_PAUSE
        while not self._stop.is_set():
            if self._hold is not None and not self._hold.ours:
                confirm = 0
                await self._wait(POLLER_PAUSE)
                continue
            try:
                updates = await self._updates(confirm)
                # Nothing waits: all is confirmed, and no number is held that a later, lower one would fall under (after a quiet week
                # Telegram begins anew at a number of its choice).
                confirm = 0
                if updates:
                    crashpoint("door.before_take")
                    await self.take(updates)
                    crashpoint("door.before_confirm")
                    confirm = await self._confirming(updates)
                self._told.polled(ok=True)
                pause = FIRST_PAUSE
            except (TelegramError, StoreUnavailable) as error:
                self._told.polled(ok=False)
                self._told.barred(_why(error))
                await self._wait(_pause(error, pause))
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _confirming(self, updates: Sequence[bytes | Raw]) -> int:
        """Give the number that confirms these."""
        confirm = max(number_of(update) for update in updates) + 1
        if not confirm:  # not one has a number: the same ones will come again
            await self._wait(FIRST_PAUSE)
        return confirm

    async def _keep(self, hold: Hold) -> None:
        """Hold the poll as long as we may; whoever loses it stops asking at once."""
        while not self._stop.is_set():
            if not await hold.renew() and self._call is not None:
                self._call.cancel()
            await self._wait(hold.every)
        await hold.drop()

    async def _updates(self, confirm: int) -> Sequence[bytes | Raw]:
        """Ask for updates, and by that confirm those below this number; stopping ends the wait, and confirms nothing."""
        call = self._polls.updates(
            seconds=POLL_SECONDS + 10.0, offset=confirm or None, timeout=POLL_SECONDS, limit=BATCH, allowed_updates=list(KINDS)
        )
        self._call = asyncio.ensure_future(call)
        try:
            updates: Sequence[bytes | Raw] = await self._call
        except asyncio.CancelledError:
            if self._stop.is_set() or (self._hold is not None and not self._hold.ours):
                return []
            raise
        crashpoint("door.after_confirm")
        return updates

    async def set_up(self, *, url: str, commands: Mapping[str, Mapping[str, str]]) -> None:
        """Tell Telegram where to send (or that we poll) and which commands there are; repeated until it answers."""
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            try:
                for each in self._caseworkers:
                    await each.recall_group()
                await self._announce(url, commands)
            except (TelegramError, StoreUnavailable) as error:
                self._told.barred(_why(error))
                await self._wait(_pause(error, pause))
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                return

    async def _announce(self, url: str, commands: Mapping[str, Mapping[str, str]]) -> None:
        if url:
            await self._api.call(
                "setWebhook", url=f"{url}{self._path}", secret_token=self._secret.decode(), allowed_updates=list(KINDS), max_connections=40
            )  # fmt: skip
        else:
            await self._api.call("deleteWebhook", drop_pending_updates=False)
        for language, words in commands.items():
            listed = [{"command": word, "description": text} for word, text in words.items()]
            await self._api.call("setMyCommands", commands=listed, language_code=language or None)
        for each in self._caseworkers:
            await each.offer()

    # ── both ──
    async def take(self, updates: Sequence[bytes | Raw]) -> None:
        """Make these updates durable, in order, and acknowledge presses; raises `StoreUnavailable`."""
        began = self._clock.steady()
        seen = [(update, self._read(update)) for update in updates]
        for callback in await self._kept(seen):
            self._start(self._acknowledge(callback, began))
        await self._grouped(seen)

    async def _kept(self, seen: "Sequence[tuple[bytes | Raw, Read | None]]") -> list[str]:
        """Make what people did durable, in order, and give the ids of presses to acknowledge; raises `StoreUnavailable`."""
        people = [what for _update, what in seen if isinstance(what, FromPerson)]
        broken = [update for update, what in seen if what is None]
        for update in broken:
            await self._aside(update)
        fresh = await self._intake.accept([one.item for one in people]) if people else []
        self._told.arrived("telegram", sum(fresh), len(fresh) - sum(fresh), len(broken))
        return [one.callback for one in people if one.callback is not None]

    async def _grouped(self, seen: "Sequence[tuple[bytes | Raw, Read | None]]") -> None:
        """Do what caseworkers did in their groups; raises `StoreUnavailable`."""
        for update, what in seen:
            if type(what) is not FromPerson and isinstance(what, FromStaff | StaffPressed | TopicShut | GroupMoved | GroupStands):
                await self._in_group(update, what)

    async def _in_group(self, update: bytes | Raw, what: FromGroup) -> None:
        theirs = next((each for each in self._caseworkers if each.group == what.group), None)
        try:
            if theirs is not None:
                await theirs.take(what)
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001 as above: put aside and counted, never in a log
            await self._aside(update)
            self._told.arrived("telegram", 0, 0, 1)

    def _read(self, update: bytes | Raw) -> Read | None:
        try:
            groups = [each.group for each in self._caseworkers]
            return read(update, at=self._clock.now(), groups=groups, languages=self._languages())
        except Exception:  # noqa: BLE001 whatever is odd about one update is that update's, not its neighbours'
            return None

    async def _aside(self, update: bytes | Raw) -> None:
        await self._intake.put_aside(bytes(update)[:LARGEST])

    async def _acknowledge(self, callback: str, began: float) -> None:
        left = began + ANSWER_WITHIN - self._clock.steady()
        if left <= 0:
            return
        try:
            await self._api.do("answerCallbackQuery", seconds=left, callback_query_id=callback)
        except TelegramError:
            return  # best effort: the answer itself is on its way

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            return

    def stop(self) -> None:
        """Ask for nothing more."""
        self._stop.set()
        if self._call is not None:
            self._call.cancel()

    async def close(self) -> None:
        """Wait for acknowledgements in hand, and close the connections."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2.0)
        await self._polls.close()
        await self._api.close()


def _pause(error: Exception, pause: float) -> float:
    if isinstance(error, RetryAfter):
        after = error.retry_after
        return float(after if isinstance(after, int | float) else after.total_seconds())
    if isinstance(error, NotSent | TimedOut | StoreUnavailable):
        return min(pause, AWAY_PAUSE)
    return 30.0 if isinstance(error, InvalidToken) else 3.0 if isinstance(error, Conflict) else pause


def _why(error: Exception) -> str:
    match error:
        case InvalidToken():
            return "token-refused"
        case Conflict():
            return "another-poller"
        case StoreUnavailable():
            return "store-down"
        case _:
            return "not-reached"
