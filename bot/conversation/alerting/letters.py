"""Letters to staff: who must be told by e-mail, kept until the letter went out, folded, tried again, given up after a day.

Rule 1: what is kept names an account, never an address: that is looked up when a letter goes out, and stands in no row and no log.
Rule 2: a member gets one letter of a kind in five minutes, in danger one a minute; what comes between waits for the next.
Rule 3: a server that is out of reach is left alone for a while, and staff are told of it the other way.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Literal, Protocol, TypeAlias, get_args

import msgspec
from msgspec import Struct, structs

from bot.conversation.group.groupstate import STANDING, Outage
from bot.conversation.keeping.vault import Tampered, Vault
from bot.conversation.running.crashpoint import crashpoint
from bot.conversation.staffing.staff import StaffBook, StaffMember
from bot.i18n.staff import StaffTexts
from bot.ports import FINAL, Chance, Channel, Clock, Note, Outgoing, SendFailed, Stale, Store

LETTERS = "letters"
"""Space of the notes: what each account is to be written, by its id."""
MAIL_KEY = "mail"
Matter: TypeAlias = Literal["waits", "yours", "left", "group"]
MATTERS: tuple[Matter, ...] = get_args(Matter)
FOLD, FOLD_IN_DANGER = 300.0, 60.0
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 900.0
LONGEST_TRYING = 24 * 3600.0
LONGEST_SEND = 60.0
REST, LONGEST_REST = 15.0, 300.0
"""Seconds that a server is left alone after it could not be reached, and at most."""


class Pending(Struct, frozen=True, array_like=True):
    """One letter to write. `id` names it to the server, however often it is tried."""

    id: str
    since: float
    due: float
    tries: int = 0


class Box(Struct, frozen=True, array_like=True):
    """What one member is to be written, and when they were last written to, each by matter."""

    pending: dict[str, Pending] = {}
    sent: dict[str, float] = {}


class LettersTold(Protocol):
    """What is told to the operator's counters."""

    def letter(self, result: str) -> None:
        """One letter was tried: `sent`, or why not; `given-up`: it will not be tried again."""

    def mail(self, why: str) -> None:
        """The mail server does not take letters for this reason; empty: it does. Said when it begins and when it ends."""


_box = msgspec.msgpack.Decoder(Box).decode
_to = msgspec.msgpack.Encoder().encode


class Letters:
    """The letters of a service. `mail` None: there is no server, and nothing is kept. `desk`: the address that stands in a letter."""

    def __init__(
        self, *, store: Store, vault: Vault, staff: StaffBook, clock: Clock, chance: Chance, words: StaffTexts, desk: str,
        told: LettersTold, mail: Channel | None,
    ) -> None:  # fmt: skip
        self._store = store
        self._vault = vault
        self._staff = staff
        self._clock = clock
        self._chance = chance
        self._words = words
        self._desk = desk
        self._told = told
        self._mail = mail
        self._trouble: str | None = None  # not known yet
        self._rests = 0
        self._rests_until = 0.0
        self._went: list[float] = []  # steady times of the letters of the present window

    @property
    def on(self) -> bool:
        """Whether there is a server to give letters to."""
        return self._mail is not None

    async def order(self, to: Iterable[StaffMember], matter: Matter, *, danger: bool = False) -> int:
        """Keep that these members are to be written; whoever waits for such a letter gets no second one. Gives how many can be."""
        can = [member for member in to if self.on and member.mail and member.mailed]
        for member in can:
            await self._change(member.id, lambda box: self._ordered(box, matter, FOLD_IN_DANGER if danger else FOLD))
        return len(can)

    def _ordered(self, box: Box, matter: Matter, fold: float) -> Box:
        now = self._clock.now()
        due = max(now, box.sent.get(matter, 0.0) + fold)
        old = box.pending.get(matter)
        if old is not None and (old.due <= due or old.tries):
            return box
        one = structs.replace(old, due=due) if old is not None else Pending(self._chance(24), now, due)
        return structs.replace(box, pending={**box.pending, matter: one})

    async def waiting(self) -> int:
        """Give how many letters wait."""
        return sum([len(box.pending) for _, box in await self._all()])

    async def send(self, unneeded: Mapping[str, frozenset[Matter]] | None = None, going: Callable[[], bool] = lambda: True) -> int:
        """Send what is due; gives how many went out. `unneeded`: account → matters that need no letter any more.

        `going`: asked before each letter whether it is still for this process to send.
        """
        went = 0
        if self._mail is None:
            return 0
        for id_, box in await self._all():
            for matter in MATTERS:
                one = box.pending.get(matter)
                if one is None or one.due > self._clock.now():
                    continue
                if self._clock.steady() < self._rests_until or not self._room() or not going():
                    return went
                went += await self._one(self._mail, id_, matter, unneeded or {})
        return went

    def _room(self) -> bool:
        """Whether the server takes one more now."""
        if self._mail is None or not self._mail.pace.most:
            return True
        now, pace = self._clock.steady(), self._mail.pace
        self._went = [at for at in self._went if at > now - pace.seconds]
        return len(self._went) < pace.most

    async def _one(self, mail: Channel, id_: str, matter: Matter, unneeded: Mapping[str, frozenset[Matter]]) -> bool:
        """Send one letter, and record what became of it. The account is read now: it may be gone, away, or have another address."""
        member = await self._staff.member(id_)
        box, _ = await self._read(id_)
        one = box.pending.get(matter)
        if one is None:
            return False
        if member is None or not self._wants(member) or matter in unneeded.get(id_, ()):
            await self._end(id_, matter, one)
            return False
        self._went.append(self._clock.steady())
        failed = await self._given(mail, member.mail, self._letter(member, matter, one.id))
        if failed is not None:
            await self._failed(id_, matter, one, failed)
            return False
        crashpoint("letters.after_send")
        self._told.letter("sent")
        await self._end(id_, matter, one, sent=True)
        await self._works()
        return True

    async def _given(self, mail: Channel, address: str, letter: Outgoing) -> SendFailed | None:
        """Give a letter to the server; why it did not take it, or None."""
        try:
            async with asyncio.timeout(LONGEST_SEND):
                await mail.send(address, letter)
        except SendFailed as failed:
            return failed
        except TimeoutError:
            return SendFailed("network", unknown=True)
        except Exception:  # noqa: BLE001 a bug of the channel's hurts this letter, which is tried again, and no other
            return SendFailed("server", unknown=True)
        return None

    def _wants(self, member: StaffMember) -> bool:
        return bool(member.mail) and member.mailed and member.away_until <= self._clock.now()

    def _letter(self, member: StaffMember, matter: Matter, id_: str) -> Outgoing:
        def said(part: str) -> str:
            return self._words.say(part, member.language)

        text = f"{said(f'letter.{matter}.subject')}\n\n{said(f'letter.{matter}')}\n{self._desk}\n\n{said('letter.foot')}"
        return Outgoing(kind="letter", language=member.language, id=id_, text=text)

    async def _failed(self, id_: str, matter: Matter, one: Pending, failed: SendFailed) -> None:
        why = str(getattr(failed, "why", failed.reason))
        self._told.letter(why)
        now = self._clock.now()
        if failed.reason in FINAL or now - one.since > LONGEST_TRYING:
            self._told.letter("given-up")
            await self._end(id_, matter, one)
        else:
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(one.tries, 10))
            again = structs.replace(one, due=now + pause, tries=one.tries + 1)
            await self._change(id_, lambda box: structs.replace(box, pending={**box.pending, matter: again}))
        if failed.reason not in FINAL:
            self._rests_until = self._clock.steady() + min(LONGEST_REST, REST * 2 ** min(self._rests, 10))
            self._rests += 1
            await self._troubled(why)

    async def _end(self, id_: str, matter: Matter, one: Pending, *, sent: bool = False) -> None:
        def ended(box: Box) -> Box:
            pending = {name: each for name, each in box.pending.items() if each.id != one.id}
            return Box(pending, {**box.sent, str(matter): self._clock.now()} if sent else box.sent)

        await self._change(id_, ended)

    # ── how the server stands ──
    async def _troubled(self, why: str) -> None:
        if why == self._trouble:
            return
        since = (await mail_outage(self._store) or Outage(why, self._clock.now())).since
        await self._store.put_note(STANDING, MAIL_KEY, f"{why} {since:.0f}".encode())
        self._trouble = why
        self._told.mail(why)

    async def _works(self) -> None:
        self._rests = 0
        if self._trouble == "":
            return
        await self._store.put_note(STANDING, MAIL_KEY, None)
        self._trouble = ""
        self._told.mail("")

    # ── the notes ──
    async def _read(self, id_: str) -> tuple[Box, int]:
        note = await self._store.note(LETTERS, id_)
        return (self._opened(note) or Box(), note.version) if note is not None else (Box(), 0)

    async def _change(self, id_: str, change: Callable[[Box], Box]) -> None:
        """Keep the box as it is after this change, whoever else changes it meanwhile. One with nothing to write ends with its memory."""
        while True:
            old, version = await self._read(id_)
            box = change(old)
            if box == old:
                return
            ends = None if box.pending else self._clock.now() + FOLD
            with suppress(Stale):
                await self._store.put_note(LETTERS, id_, self._vault.seal_note(LETTERS, id_, _to(box)), version=version, expires=ends)
                return

    async def _all(self) -> Sequence[tuple[str, Box]]:
        notes: list[Note] = []
        while more := await self._store.notes(LETTERS, after=notes[-1].key if notes else ""):
            notes += more
        found = [(note.key, self._opened(note)) for note in notes]
        return [(id_, box) for id_, box in found if box is not None]

    def _opened(self, note: Note) -> Box | None:
        """What one member is to be written; None if it is damaged, which then is written over with the next letter."""
        try:
            return _box(self._vault.open_note(LETTERS, note.key, note.value))
        except (Tampered, msgspec.DecodeError, msgspec.ValidationError):
            return None


async def mail_outage(store: Store) -> Outage | None:
    """Give why the mail server does not take letters, and since when; None if nothing says so."""
    note = await store.note(STANDING, MAIL_KEY)
    if note is None:
        return None
    why, _, since = note.value.decode().partition(" ")
    return Outage(why, float(since))
