"""The alarms: one process looks every few seconds at who waits, and tells the next line when nobody comes.

Rule 1: a step is kept with its case, and told once; after a restart, or after being down, what was missed is told, and nothing again.
Rule 2: nobody is promised anything: staff are told, people are not written to.
Rule 3: two ways that do not depend on each other: when the group is out of reach letters say so, when letters are stuck the group is told.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from bot.conversation.alerting.alarm import Waited, due_steps, first_line_due, neglect, past_promise, steps_of, waited
from bot.conversation.alerting.letters import Letters, Matter, mail_outage
from bot.conversation.cases.desk import Desk
from bot.conversation.cases.promise import Promises
from bot.conversation.cases.view import QueueView, Seen
from bot.conversation.group.groups import ONE
from bot.conversation.group.groupstate import outages
from bot.conversation.running.bells import Bell
from bot.conversation.running.crashpoint import crashpoint
from bot.conversation.running.holds import Hold
from bot.conversation.staffing.rights import may
from bot.conversation.staffing.staff import StaffBook, StaffMember
from bot.flow.program import Program
from bot.i18n.staff import StaffTexts
from bot.ports import CaseIndex, Clock, Library, Note, Stale, Store, StoreUnavailable

EVERY = 3.0
TOLD = "told"
"""Space of the notes that say what was told: a case, since when it waited, and which step or reminder."""
TOLD_LASTS = 31 * 86400.0
LAST_MOMENT = 3.0
"""Seconds that a letter in hand has when the process stops."""
MAIL_DOUBT = 60.0
"""Seconds that letters may be stuck before the group is told: a server that is busy for a moment is nobody's alarm."""
EVERYONE = StaffMember(id="", name="", roles=("supervisor",))
"""Sees the queue of all teams; is nobody."""


class AlarmsTold(Protocol):
    """What is told to the operator's counters."""

    def alarmed(self, to: str, members: int) -> None:
        """A step told those of this line (`first-line`, a team's `team`, `second-line`, `on-call`, `claimant`, `supervisor`), so many."""

    def failed(self, error: Exception) -> None:
        """Looking at one case, or a whole look, failed."""

    def past_promise(self, cases: Mapping[tuple[str, str], int]) -> None:
        """So many cases, by state and urgency, whose person has waited longer than promised."""

    def letters_waiting(self, count: int) -> None:
        """So many letters wait."""


class Alarms:
    """The alarms of one process. `hold`: who looks, of several processes (None: there is only one). `say`: writes into groups."""

    def __init__(
        self, *, store: Store, library: Library, staff: StaffBook, desk: Desk, view: QueueView, letters: Letters, clock: Clock,
        words: StaffTexts, language: str, told: AlarmsTold, at_desk: Callable[[], frozenset[str]], hold: Hold | None = None,
    ) -> None:  # fmt: skip
        self.groups = ONE
        self.say: Callable[[str], Awaitable[bool]] | None = None
        self.letters = letters
        self._store = store
        self._library = library
        self._staff = staff
        self._desk = desk
        self._view = view
        self._clock = clock
        self._words = words
        self._language = language
        self._told = told
        self._at_desk = at_desk
        self._hold = hold
        self._promises = Promises()
        self._known: set[str] = set()  # notes of what was told, that were seen
        self._bell = Bell()
        self._stopping = False
        self._ours = False
        self._sending: asyncio.Task[None] | None = None

    def stop(self) -> None:
        """End `run`."""
        self._stopping = True
        self._bell.ring()

    async def run(self) -> None:
        """Look until stopped."""
        while not self._stopping:
            try:
                await self.once()
            except StoreUnavailable:
                pass  # it is looked at again; what is told is in the store
            except Exception as wrong:  # noqa: BLE001 our bug costs one look and is counted; alarms are the last to fall silent
                self._told.failed(wrong)
            await self._bell.wait(EVERY if self._hold is None else min(EVERY, self._hold.every))
        await self._sends_no_more()
        if self._hold is not None:
            await self._hold.drop()

    async def _sends_no_more(self) -> None:
        """Let the letter in hand go, for a moment."""
        if self._sending is not None and not self._sending.done():
            await asyncio.wait([self._sending], timeout=LAST_MOMENT)
            self._sending.cancel()

    async def once(self) -> None:
        """Look, if this process is the one that does."""
        if self._hold is not None and not await self._hold.renew():
            if self._ours:
                self._told.past_promise({})
            self._ours = False
            return
        self._ours = True
        await self.look()

    async def look(self) -> None:
        """Tell whoever must be told by now, then send the letters that are due."""
        await self._view.ready()
        program, now = self._library.current(), self._clock.now()
        members = await self._staff.all()
        seen = [(one, waited(self._promises, program, one.index, one.country, now)) for one in self._view.rows(EVERYONE)]
        late: dict[tuple[str, str], int] = {}
        for one, wait in seen:
            if past_promise(program, one.index, wait):
                key = one.index.state, one.index.urgency
                late[key] = late.get(key, 0) + 1
        self._told.past_promise(late)
        for one, wait in seen:
            if self._hold is not None and not self._hold.ours:
                return  # it took too long: another process looks by now
            try:
                await self._case(program, one, wait, members)
            except StoreUnavailable:
                raise
            except Exception as wrong:  # noqa: BLE001 one case that cannot be worked hinders no other
                self._told.failed(wrong)
        await self._ways(members)
        if self._sending is None or self._sending.done():
            unneeded = self._unneeded(members, [(one.index, due_steps(program, one.index, wait)) for one, wait in seen])
            self._sending = asyncio.get_running_loop().create_task(self._send(unneeded))

    async def sent(self) -> None:
        """Wait until the letters in hand have gone, or have not."""
        if self._sending is not None:
            await self._sending

    async def _send(self, unneeded: Mapping[str, frozenset[Matter]]) -> None:
        """Send what is due, beside the looking: a server that hangs holds up no alarm."""
        try:
            await self.letters.send(unneeded, lambda: self._hold is None or self._hold.ours)
            self._told.letters_waiting(await self.letters.waiting())
        except StoreUnavailable:
            pass  # what is due stays due
        except Exception as wrong:  # noqa: BLE001 our bug is counted, and the next look sends again
            self._told.failed(wrong)

    # ── one case ──
    async def _case(self, program: Program, one: Seen, wait: Waited, members: Sequence[StaffMember]) -> None:
        if one.index.state == "waiting":
            await self._unclaimed(program, one, wait)
        else:
            await self._claimed(program, one, wait, members)

    async def _unclaimed(self, program: Program, one: Seen, wait: Waited) -> None:
        case = one.index
        this = f"{case.code}:{case.since:.0f}"
        if first_line_due(case, wait) and await self._first(f"{this}:0"):
            here = self._at_desk()
            crew = await self._there(await self._staff.of_team(case.team))
            await self._write([member for member in crew if member.name not in here], "waits", danger=one.danger)
            self._told.alarmed("first-line", len(crew))
            await self._mark(f"{this}:0")
        steps = steps_of(program, case)
        for n in range(case.step + 1, due_steps(program, case, wait) + 1):
            to = steps[n - 1].to
            if await self._first(f"{this}:{n}"):
                line = await self._line(to)
                await self._write(line, "waits", danger=one.danger)
                self._told.alarmed(to if to in ("second-line", "on-call") else "team", len(line))
                crashpoint("alarms.before_mark")
                await self._mark(f"{this}:{n}")
            crashpoint("alarms.before_step")
            if await self._desk.alerted(case.code, n, f"{this}:{n}", to=to) != "done":
                return  # taken, closed or slow: it is looked at again

    async def _claimed(self, program: Program, one: Seen, wait: Waited, members: Sequence[StaffMember]) -> None:
        case, found = one.index, neglect(program, one.index, wait)
        claimant = next((member for member in members if member.name == case.claimant), None)
        gone = claimant is None or claimant.away_until > self._clock.now()
        if not case.asked or case.unwritten or not (found or gone):
            return
        this = f"{case.code}:{case.asked:.0f}"
        if found and claimant is not None and not gone and await self._first(f"{this}:yours"):
            await self._write([claimant], "yours", danger=one.danger)
            self._told.alarmed("claimant", 1)
            await self._mark(f"{this}:yours")
        if (gone or found == "left") and await self._first(f"{this}:left"):
            over = await self._there(member for member in members if may(member, "reassign") and self._of(member, case.team))
            await self._write(over, "left", danger=one.danger)
            self._told.alarmed("supervisor", len(over))
            await self._mark(f"{this}:left")
        if gone and found and case.claimant is not None:
            await self._desk.released(case.code, case.team, case.claimant, f"{this}:{case.claimant}")

    # ── the two ways ──
    async def _ways(self, members: Sequence[StaffMember]) -> None:
        """Tell by letter of a group that cannot be reached, and in the group of letters that do not go out."""
        mail = await mail_outage(self._store)
        for group, out in await outages(self._store, self.groups.all):
            this = f"group:{group.key}{out.since:.0f}"
            if await self._first(this):
                theirs = [one for one in members if may(one, "reassign") and self.groups.concern(group, one.teams)]
                await self._write(list({one.id: one for one in (*theirs, *_all_staff(members))}.values()), "group")
                await self._mark(this)
        if mail is None or self.say is None or self._clock.now() - mail.since < MAIL_DOUBT:
            return
        this = f"mail:{mail.since:.0f}"
        if await self._first(this) and await self.say(self._words.say("topic.letters-stuck", self._language)):
            await self._mark(this)

    # ── who ──
    async def _line(self, to: str) -> Sequence[StaffMember]:
        match to:
            case "second-line" | "on-call":
                return await self._staff.on_line(to)
            case _:
                return await self._there(await self._staff.of_team(to))

    async def _there(self, members: Iterable[StaffMember]) -> list[StaffMember]:
        now = self._clock.now()
        return [member for member in members if member.away_until <= now]

    def _of(self, member: StaffMember, team: str) -> bool:
        return not member.teams or team in member.teams

    async def _write(self, to: Sequence[StaffMember], matter: Matter, *, danger: bool = False) -> None:
        await self.letters.order(to, matter, danger=danger)

    def _unneeded(self, members: Sequence[StaffMember], seen: Sequence[tuple[CaseIndex, int]]) -> Mapping[str, frozenset[Matter]]:
        """What nobody needs a letter about any more: somebody was quicker. `seen`: cases, and how many steps are due."""
        waiting = [(case.team, steps) for case, steps in seen if case.state == "waiting" and not case.unwritten]
        asked = {case.claimant for case, _ in seen if case.state == "claimed" and case.asked}
        unneeded: dict[str, frozenset[Matter]] = {}
        for member in members:
            over: set[Matter] = set()
            if not any(steps or self._of(member, team) for team, steps in waiting):
                over.add("waits")
            if member.name not in asked:
                over.add("yours")
            if not asked:
                over.add("left")
            unneeded[member.id] = frozenset(over)
        return unneeded

    # ── what was told ──
    async def _first(self, what: str) -> bool:
        """Whether this was not told yet."""
        if what in self._known:
            return False
        note: Note | None = await self._store.note(TOLD, what)
        if note is not None:
            self._known.add(what)
        return note is None

    async def _mark(self, what: str) -> None:
        with suppress(Stale):
            await self._store.put_note(TOLD, what, b"1", version=0, expires=self._clock.now() + TOLD_LASTS)
        self._known.add(what)
        if len(self._known) > MOST_KNOWN:
            self._known.clear()


def _all_staff(members: Iterable[StaffMember]) -> list[StaffMember]:
    return [one for one in members if may(one, "all-staff")]


MOST_KNOWN = 50_000
"""Notes remembered before all are forgotten, and read again when they are asked for."""
