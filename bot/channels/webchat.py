"""The web page as a channel: a mailbox per browser, read by cursor, that ends by itself.

Rule 1: the browser holds a random secret; the server keeps only its HMAC, which is at once identity and route.
Rule 2: letters are sealed under a random key of that one session, kept sealed under the server's ring. A key made from the cookie alone
would open nothing while the page is closed, when answers must still be put in; and the session's key dies with its note, letters with it.
Rule 3: what a person types is kept in no letter: only that something was written, and under which client id.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, Protocol, TypeAlias
from weakref import WeakValueDictionary

import msgspec
from msgspec import Struct, structs

from bot.channels.readers import Readers
from bot.conversation.keeping.intake import Incoming
from bot.conversation.running.crashpoint import crashpoint
from bot.engine.events import AnyEvent, WordPressed
from bot.ports import Chance, Clock, Note, OutButton, OutCard, Outgoing, Pace, Receipt, SendFailed, Stale, Store, StoreUnavailable
from bot.privacy.seal import Bound, Tampered, seal, unseal

SEATS, MAIL = "seats", "mailbox"
IDLE = 24 * 3600.0
"""Seconds without a sign of the browser until the session ends."""
KEPT_AFTER_READING = 24 * 3600.0
UNREAD = IDLE + 3600.0
TOUCH = 300.0
"""Seconds between two writings of "still here"."""
ENDED = 600.0
"""Seconds an ended session is remembered, so that a last word on its way is dropped quietly."""

Who: TypeAlias = Literal["bot", "waiting", "human"]
Ending: TypeAlias = Literal["", "stop", "erase"]
_STOPPED = "bot.stopped"


class Seat(Struct, frozen=True, array_like=True):
    """One browser's session: its letters' key, the language of its page, who answers, when it was last seen, how it ended."""

    key: bytes
    language: str
    who: Who = "bot"
    seen: float = 0.0
    ended: Ending = ""


class Letter(Struct, frozen=True, array_like=True):
    """One message of the page. `n`: its cursor. `client`: id that the page gave its own message; `label`: the button it pressed."""

    n: int
    at: float
    kind: Literal["bot", "human", "me"]
    language: str
    id: str = ""
    text: str = ""
    buttons: tuple[OutButton, ...] = ()
    cards: tuple[OutCard, ...] = ()
    listen: str | None = None
    client: str = ""
    label: str = ""


class Mailbox(Struct, frozen=True):
    """What a page may show now: letters after the cursor it named, the cursor to name next, and whether a caseworker writes."""

    language: str
    who: Who
    ended: Ending
    cursor: int
    letters: tuple[Letter, ...]
    writes: bool = False


class Door(Protocol):
    """The one door into the inbox (`Intake`)."""

    async def accept(self, items: Sequence[Incoming]) -> Sequence[bool]:
        """Keep these in order; returns when they are durable."""
        ...


class Seals(Protocol):
    """Seals a small note under the server's ring, bound to its place (`Vault`)."""

    def seal_note(self, space: str, key: str, body: bytes) -> bytes:
        """Give the note sealed."""
        ...

    def open_note(self, space: str, key: str, sealed: bytes) -> bytes:
        """Give what was sealed; raises `Tampered`."""
        ...


Fetches: TypeAlias = Callable[[str, int, float], Awaitable[None]]
"""Tells that the page of this route has fetched the caseworker's letter of this number, which was laid there then."""


class Heard(Protocol):
    """What this channel tells the operator's counters."""

    def arrived(self, channel: str, fresh: int, repeated: int, unreadable: int) -> None:
        """So many events came in."""


_seat_bytes = msgspec.msgpack.Encoder().encode
_seat_from = msgspec.msgpack.Decoder(Seat).decode
_letter_bytes = msgspec.msgpack.Encoder().encode
_letter_from = msgspec.msgpack.Decoder(Letter).decode


class Webchat:
    """Implements `ports.Channel` for browsers. `naming` gives the key of the HMAC that names sessions (`root_key(ring, "mailbox")`)."""

    name = "web"
    pace = Pace()

    def __init__(
        self,
        *,
        store: Store,
        intake: Door,
        vault: Seals,
        clock: Clock,
        chance: Chance,
        naming: Callable[[], bytes],
        elsewhere: Callable[[str], None] | None = None,
        told: Heard | None = None,
        fetched: Fetches | None = None,
    ) -> None:
        self._fetched = fetched
        self._told = told
        self._store = store
        self._intake = intake
        self._vault = vault
        self._clock = clock
        self._chance = chance
        self._naming = naming
        self.readers = Readers(elsewhere)
        self._writing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # a lock lives while somebody holds it
        self._closing = False

    # ── the channel ──
    async def send(self, route: str, message: Outgoing) -> Receipt:
        """Put the message into the route's mailbox; raises `SendFailed` when the session has ended by itself."""
        try:
            return await self._sent(route, message)
        except StoreUnavailable as down:
            raise SendFailed("server") from down

    async def _sent(self, route: str, message: Outgoing) -> Receipt:
        if message.kind in ("topic", "post"):
            raise SendFailed("no-group")
        seat = await self._seat(route)
        if message.kind == "farewell":
            if seat is not None:
                await self._end(route, seat, "erase")
            return Receipt()
        if message.kind == "remove":
            await self._remove(route, message.remove_ids)
            return Receipt()
        if seat is None:
            raise SendFailed("person-left")
        if seat.ended or message.kind == "keyboard":
            return Receipt()
        return await self._delivered(route, seat, message)

    async def _delivered(self, route: str, seat: Seat, message: Outgoing) -> Receipt:
        if message.id == _STOPPED:
            await self._left(route, seat)
            return Receipt()
        human = message.kind == "human"
        who: Who = "human" if human else message.who or seat.who
        language = seat.language if human else message.language
        letter = Letter(
            n=0, at=self._clock.now(), kind="human" if human else "bot", language=message.language, id=message.id, text=message.text,
            buttons=message.buttons, cards=message.cards, listen=message.listen,
        )  # fmt: skip
        if (who, language) != (seat.who, seat.language):
            await self._change(route, who=who, language=language)
        crashpoint("webchat.before_letter")
        n = await self._put(route, seat, letter, UNREAD)
        crashpoint("webchat.after_letter")
        self.readers.ring(route)
        return Receipt(message=str(n))

    # ── the page ──
    async def open(self, language: str) -> str:
        """Begin a session in this language; gives its secret, which is kept nowhere here."""
        secret = self._chance(26)
        key = hashlib.sha256(self._chance(52).encode()).digest()
        now = self._clock.now()
        route = self._name(secret)
        sealed = self._sealed_seat(route, Seat(key=key, language=language, seen=now))
        await self._store.put_note(SEATS, route, sealed, version=0, expires=now + IDLE)
        return secret

    async def post(self, secret: str, client: str, event: AnyEvent, *, label: str | None = "") -> bool:
        """Accept what the page sent, once per client id; False if there is no such session. Raises `StoreUnavailable`.

        `label`: what the person's own bubble says; empty = only that something was written; None = no bubble.
        """
        route = self._name(secret)
        seat = await self._seat(route)
        if seat is None or seat.ended:
            return False
        if label is not None:
            await self._own(route, seat, client, label)
        fresh = await self._intake.accept([Incoming(channel=self.name, identity=route, route=route, event_id=f"web:{client}", event=event)])
        if self._told is not None:
            self._told.arrived(self.name, sum(fresh), len(fresh) - sum(fresh), 0)
        if isinstance(event, WordPressed) and event.word == "erase":
            await self._end(route, seat, "erase")
        elif isinstance(event, WordPressed) and event.word == "stop":
            await self._left(route, seat)
        self.readers.ring(route)
        return True

    async def _own(self, route: str, seat: Seat, client: str, label: str) -> None:
        """Put the person's own bubble before the answer that is to come, unless a first try of this message did."""
        lock = self._writing.setdefault(route, asyncio.Lock())
        async with lock:
            if not any(letter.client == client for letter in await self._letters(route, seat, 0)):
                mine = Letter(n=0, at=self._clock.now(), kind="me", language=seat.language, client=client, label=label)
                await self._put(route, seat, mine, KEPT_AFTER_READING)

    async def read(self, secret: str, after: int = 0) -> Mailbox | None:
        """Give letters after this cursor, and mark them as read; None if there is no such session."""
        route, seat = await self._found(secret)
        if seat is None:
            return None
        if seat.ended:
            return Mailbox(language=seat.language, who=seat.who, ended=seat.ended, cursor=after, letters=())
        now = self._clock.now()
        if now - seat.seen > TOUCH:
            await self._change(route)
        letters = await self._letters(route, seat, after, read_at=now)
        cursor = letters[-1].n if letters else after
        return Mailbox(language=seat.language, who=seat.who, ended="", cursor=cursor, letters=tuple(letters))

    async def wait(self, secret: str, after: int, *, seconds: float, catch_up: float = 1.0) -> Mailbox | None:
        """Like `read`, but waits so long for something new; a bell wakes it, and it looks for itself every `catch_up` seconds."""
        route, _ = await self._found(secret)
        now = asyncio.get_running_loop().time
        until = now() + seconds
        with self.readers.at(route) as reader:
            while True:
                reader.bell.clear()
                box = await self.read(secret, after)
                pause = min(catch_up, until - now())
                if box is None or box.letters or box.ended or pause <= 0 or self._closing:
                    return box
                if reader.writes:
                    return structs.replace(box, writes=True)
                try:
                    async with asyncio.timeout(pause):
                        await reader.bell.wait()
                except TimeoutError:
                    continue

    async def with_human(self, secret: str) -> str:
        """Give the route of this session if a caseworker has its conversation, else nothing."""
        route, seat = await self._found(secret)
        return route if seat is not None and seat.who == "human" and not seat.ended else ""

    async def speak(self, secret: str, language: str) -> None:
        """Remember the language of the page."""
        route, seat = await self._found(secret)
        if seat is not None:
            await self._change(route, language=language)

    def close(self) -> None:
        """Let every waiting reader go, and let none wait any more."""
        self._closing = True
        self.readers.end()

    # ── endings ──
    async def _end(self, route: str, seat: Seat, how: Ending) -> None:
        """Destroy the key and the letters; what remains for some minutes is that this session ended."""
        ghost = Seat(key=b"", language=seat.language, seen=self._clock.now(), ended=how)
        await self._store.put_note(SEATS, route, self._sealed_seat(route, ghost), expires=self._clock.now() + ENDED)
        await self._empty(route)
        self.readers.ring(route)

    async def _left(self, route: str, seat: Seat) -> None:
        """Stop: letters go at once. With a case open the session stays, so that the person can come back to it; else it ends."""
        if seat.who == "bot":
            await self._end(route, seat, "stop")
            return
        await self._empty(route)
        self.readers.ring(route)

    async def _empty(self, route: str) -> None:
        while notes := await self._store.notes(MAIL, prefix=f"{route}/"):
            for note in notes:
                await self._store.put_note(MAIL, note.key, None)

    async def _remove(self, route: str, ids: Sequence[str]) -> None:
        for each in ids:
            if each.isdigit():
                await self._store.put_note(MAIL, _row(route, int(each)), None)

    # ── seats and letters ──
    async def _found(self, secret: str) -> tuple[str, Seat | None]:
        route = self._name(secret)
        return route, await self._seat(route)

    async def _seat(self, route: str) -> Seat | None:
        return self._opened_seat(await self._store.note(SEATS, route))

    async def _change(self, route: str, *, who: Who | None = None, language: str | None = None) -> None:
        """Write that the browser was seen now, and what else changed, over whatever another task wrote meanwhile."""
        while True:
            note = await self._store.note(SEATS, route)
            seat = self._opened_seat(note)
            if note is None or seat is None or seat.ended:
                return
            now = self._clock.now()
            seat = structs.replace(seat, seen=now, who=who or seat.who, language=language or seat.language)
            try:
                await self._store.put_note(SEATS, route, self._sealed_seat(route, seat), version=note.version, expires=now + IDLE)
            except Stale:
                continue
            return

    def _opened_seat(self, note: Note | None) -> Seat | None:
        if note is None:
            return None
        try:
            return _seat_from(self._vault.open_note(SEATS, note.key, note.value))
        except (Tampered, msgspec.DecodeError):
            return None

    def _sealed_seat(self, route: str, seat: Seat) -> bytes:
        return self._vault.seal_note(SEATS, route, _seat_bytes(seat))

    async def _put(self, route: str, seat: Seat, letter: Letter, keep: float) -> int:
        """Write the letter at the next free cursor; another writer's letter only moves it on."""
        n = await self._last(route) + 1
        while True:
            sealed = self._sealed(route, seat, structs.replace(letter, n=n))
            try:
                await self._store.put_note(MAIL, _row(route, n), sealed, version=0, expires=letter.at + keep)
            except Stale:
                n += 1
            else:
                return n

    async def _last(self, route: str) -> int:
        last, after = 0, ""
        while notes := await self._store.notes(MAIL, prefix=f"{route}/", after=after):
            after = notes[-1].key
            last = int(after.rpartition("/")[2])
        return last

    async def _letters(self, route: str, seat: Seat, after: int, *, read_at: float | None = None) -> list[Letter]:
        letters: list[Letter] = []
        place = _row(route, after)
        while notes := await self._store.notes(MAIL, prefix=f"{route}/", after=place):
            place = notes[-1].key
            for note in notes:
                letter = self._opened(route, seat, note.key, note.value)
                if letter is None:
                    continue
                letters.append(letter)
                unread = letter.kind != "me" and note.expires is not None and abs(note.expires - letter.at - UNREAD) < 1.0
                if read_at is not None and unread:
                    await self._store.put_note(MAIL, note.key, note.value, expires=read_at + KEPT_AFTER_READING)
                    if letter.kind == "human" and self._fetched is not None:
                        await self._fetched(route, letter.n, letter.at)
        return letters

    def _sealed(self, route: str, seat: Seat, letter: Letter) -> bytes:
        nonce = hashlib.sha256(self._chance(26).encode()).digest()[:12]
        return seal(seat.key, _letter_bytes(letter), Bound(route, "letter", str(letter.n), 0), nonce)

    def _opened(self, route: str, seat: Seat, key: str, sealed: bytes) -> Letter | None:
        n = str(int(key.rpartition("/")[2]))
        try:
            return _letter_from(unseal(seat.key, sealed, Bound(route, "letter", n, 0)))
        except (Tampered, msgspec.DecodeError):
            return None

    def _name(self, secret: str) -> str:
        return hmac.new(self._naming(), b"web session\0" + secret.encode(), hashlib.sha256).hexdigest()


def _row(route: str, n: int) -> str:
    return f"{route}/{n:012d}"
