"""The desk: what caseworkers see of cases and do with them, by web and by topic alike.

Rule 1: an act is an event in the person's inbox, tied to one case by its code; what cannot be tied for certain is refused.
Rule 2: what is shown of a case is what was consented and what came after; nothing is read that is not opened.
Rule 3: an act carries a name (`action`), unique for the caseworker: done twice, it is done once.
"""

import unicodedata
from collections.abc import Sequence
from typing import Final, Literal, Protocol, cast

from msgspec import structs

from bot.conversation.cases.casepage import CasePage, Entry, Opener
from bot.conversation.cases.rows import sees
from bot.conversation.group.topics import case_at
from bot.conversation.keeping.envelope import (
    Alerted,
    AnswerPutOff,
    AnswerWithdrawn,
    Envelope,
    Happening,
    NoteWritten,
    Reassigned,
    Tagged,
)
from bot.conversation.keeping.intake import Intake
from bot.conversation.keeping.vault import Vault
from bot.conversation.staffing.rights import Act, may
from bot.conversation.staffing.staff import StaffMember
from bot.engine.events import CaseClosed, CasePassed, Claimed, StaffWrote
from bot.engine.startable import startable
from bot.ports import CaseIndex, CaseRecord, CaseState, Clock, Library, Store

__all__ = ["LONGEST_ANSWER", "OUTCOMES", "CasePage", "Desk", "Entry", "Outcome"]

Outcome = Literal[
    "done", "put-off", "taken", "closed", "erased", "unwritten", "slow", "empty", "failed", "forbidden", "unknown", "hours", "outcome",
]  # fmt: skip
"""`put-off`: the words were to go now, and wait for an hour that the person called safe."""
OUTCOMES: Final = ("answered", "referred", "no-answer", "partner", "back", "other")
"""How a case can end; `back`: it was handed back to the machine."""
LONGEST_ANSWER = 4000
"""Characters of one answer; a longer one is refused rather than cut."""
MOST_TAGS, LONGEST_TAG = 12, 30
LATEST = 7 * 86400.0
"""An answer can be put off by at most so many seconds."""


class Colleagues(Protocol):
    """Who else works here (`bot.conversation.staffing.staff.StaffBook`)."""

    async def all(self) -> Sequence[StaffMember]:
        """Give all accounts, as they were a few seconds ago at most."""
        ...


class Desk:
    """Cases for caseworkers."""

    def __init__(self, *, store: Store, vault: Vault, intake: Intake, library: Library, clock: Clock, staff: Colleagues) -> None:
        self._staff = staff
        self._store = store
        self._vault = vault
        self._intake = intake
        self._library = library
        self._clock = clock

    # ── looking ──
    async def queue(self, staff: StaffMember, states: Sequence[CaseState] = ("waiting", "claimed")) -> Sequence[CaseIndex]:
        """Give the cases of this caseworker's teams: most urgent first, then longest waiting."""
        return await self._store.cases(states=states, teams=staff.teams or None) if may(staff, "see-queue") else []

    async def open(self, code: str, staff: StaffMember, *, before: int = 0, after: int = 0, limit: int = 100) -> CasePage | None:
        """Open one case with its last entries, or those before or after one; None if there is none, or it belongs to other teams."""
        record = await self._mine(code, staff) if may(staff, "open-case") else None
        if record is None:
            return None
        opener = Opener(
            store=self._store, vault=self._vault, program=self._library.current(), language=staff.language, now=self._clock.now()
        )  # fmt: skip
        return await opener.page(record, before=before, after=after, limit=limit)

    def flows(self, language: str) -> Sequence[tuple[str, str]]:
        """Give the flows to which a conversation can be handed back: id and title."""
        program = self._library.current()
        return [(flow, program.texts.say(f"{flow}:title", language)) for flow in startable(program)]

    async def by_topic(self, place: str) -> str | None:
        """Give the case of a topic of the caseworkers' group; None unless topic and case name each other."""
        return await case_at(self._store, self._vault, place)

    async def team_of(self, code: str) -> str:
        """Give the team that has a case now; empty if there is none such."""
        record = await self._store.case(code)
        return record.index.team if record is not None else ""

    async def is_open(self, code: str) -> bool:
        """Give whether somebody may still be waiting for an answer in this case."""
        record = await self._store.case(code)
        return record is not None and record.index.state in ("waiting", "claimed")

    # ── doing ──
    async def claim(self, code: str, staff: StaffMember, action: str, *, from_topic: bool = False) -> Outcome:
        """Take the case; the first to claim has it."""
        return await self._act("claim", code, staff, action, Claimed(at=self._clock.now(), case=code), from_topic=from_topic)

    async def answer(
        self,
        code: str,
        staff: StaffMember,
        text: str,
        action: str,
        *,
        from_topic: bool = False,
        at: float | None = None,
        reply: str = "",
        source: str = "",
    ) -> Outcome:
        """Send words to the person of this case, now or in the next hour they called safe (`put-off`); the first answer claims it.

        `at`: not before then, in an hour they called safe; one that is past by now means now, if that is one.
        `reply`: id of a canned reply, said in their language instead of `text`.
        """
        now = self._clock.now()
        if reply and not self._library.current().texts.has(f"replies.{reply}"):
            return "unknown"
        if not reply and not _sayable(text):
            return "empty"
        words = "" if reply else text
        if at is not None and at > now:
            if at > now + LATEST:
                return "hours"
            put_off = AnswerPutOff(at=now, case=code, id=action, text=words, due=at, reply=reply)
            return await self._act("answer", code, staff, action, put_off, from_topic=from_topic)
        event = StaffWrote(at=now, case=code, text=words, reply=reply)
        safely = at is not None
        return await self._act("answer", code, staff, action, event, from_topic=from_topic, source=source, safely=safely)

    async def correct(
        self, code: str, staff: StaffMember, text: str, action: str, *, source: str = "", n: int = 0, from_topic: bool = False
    ) -> Outcome:
        """Send words that take the place of an answer (entry `n`, or the one of this `source`): what was said cannot be unsaid."""
        if not _sayable(text):
            return "empty"
        event = StaffWrote(at=self._clock.now(), case=code, text=text, corrects=True)
        return await self._act("answer", code, staff, action, event, from_topic=from_topic, source=source, edits=n)

    async def withdraw(self, code: str, staff: StaffMember, later_id: str, action: str) -> Outcome:
        """Take back an answer that was put off and has not gone."""
        return await self._act("answer", code, staff, action, AnswerWithdrawn(at=self._clock.now(), case=code, id=later_id))

    async def waits_until(self, code: str, staff: StaffMember, action: str) -> tuple[float, str]:
        """Give when the words of this act go, should they wait, and in which country; 0 if they do not."""
        page = await self.open(code, staff, limit=1)
        found = (one.at for one in page.later if one.id == action) if page is not None else iter(())
        return next(found, 0.0), page.country if page is not None else ""

    async def note(self, code: str, staff: StaffMember, text: str, action: str, *, from_topic: bool = False) -> Outcome:
        """Keep a private note on the case."""
        if not _sayable(text):
            return "empty"
        return await self._act("note", code, staff, action, NoteWritten(at=self._clock.now(), case=code, text=text), from_topic=from_topic)

    async def tag(self, code: str, staff: StaffMember, tags: Sequence[str], action: str) -> Outcome:
        """Say which tags the case has from now on."""
        clean = tuple(dict.fromkeys(tag for tag in (" ".join(each.split()).casefold() for each in tags) if tag))
        if len(clean) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in clean):
            return "empty"
        return await self._act("tag", code, staff, action, Tagged(at=self._clock.now(), case=code, tags=clean))

    async def transfer(
        self,
        code: str,
        staff: StaffMember,
        action: str,
        *,
        to: str = "",
        team: str = "",
        note: str = "",
        agreed: bool = False,
        from_topic: bool = False,
    ) -> Outcome:
        """Pass the case to a colleague (`to`, a tree) or into the queue of a team. What was shared goes along only if its person agreed."""
        if note and not _sayable(note):
            return "empty"
        if to:
            return await self._assign(code, staff, action, to=to, note=note, from_topic=from_topic)
        if team not in self._library.current().teams.teams:
            return "unknown"
        passed = CasePassed(at=self._clock.now(), case=code, team=team, agreed=agreed)
        return await self._act("transfer", code, staff, action, passed, from_topic=from_topic, note=note)

    async def hand_back(self, code: str, staff: StaffMember, action: str, *, flow: str = "", from_topic: bool = False) -> Outcome:
        """Give the conversation back to the machine, where the handoff said, or to the start of a flow."""
        if flow and flow not in startable(self._library.current()):
            return "unknown"
        event = CaseClosed(at=self._clock.now(), case=code, flow=flow)
        return await self._act("hand-back", code, staff, action, event, outcome="back", from_topic=from_topic)

    async def close(
        self,
        code: str,
        staff: StaffMember,
        outcome: str,
        action: str,
        *,
        follow_up: bool = False,
        partner: str = "",
        from_topic: bool = False,
    ) -> Outcome:
        """End the case; the bot takes over where the flow says. `partner`: the contact of the directory it was passed to."""
        if outcome not in OUTCOMES or (outcome == "back"):
            return "outcome"
        if partner and partner not in self._library.current().directory.contacts:
            return "unknown"
        event = CaseClosed(at=self._clock.now(), case=code, follow_up=follow_up)
        return await self._act("close", code, staff, action, event, outcome=outcome, from_topic=from_topic, partner=partner)

    async def alerted(self, code: str, step: int, action: str, *, to: str = "") -> Outcome:
        """Keep that so many alerts were given because nobody claimed the case, the last to this team or line (the machine does)."""
        return await self._by_machine(code, f"alert:{action}", Alerted(at=self._clock.now(), case=code, step=step, to=to))

    async def released(self, code: str, team: str, of: str, action: str) -> Outcome:
        """Let the case wait again for anyone of its team: who has it (`of`, a tree) is away, and its person waits (the machine does)."""
        passed = CasePassed(at=self._clock.now(), case=code, team=team, agreed=True, of=of)
        return await self._by_machine(code, f"alert:{action}", passed, teams=(team,))

    # ── inside ──
    async def _by_machine(self, code: str, event: str, happened: Happening, *, teams: tuple[str, ...] = ()) -> Outcome:
        record = await self._store.case(code)
        if record is None or record.index.state == "erased":
            return "erased"
        return await self._told(record, event, Envelope(event=happened, teams=teams))

    async def _mine(self, code: str, staff: StaffMember) -> CaseRecord | None:
        record = await self._store.case(code)
        return record if record is not None and sees(staff, record.index) else None

    async def _assign(self, code: str, staff: StaffMember, action: str, *, to: str, note: str, from_topic: bool) -> Outcome:
        record = await self._mine(code, staff)
        others = [] if record is None else [one for one in await self._staff.all() if may(one, "answer") and sees(one, record.index)]
        if record is not None and to not in [one.name for one in others]:
            return "unknown"
        event = Reassigned(at=self._clock.now(), case=code, to=to, note=note, over=may(staff, "reassign"))
        if record is not None:
            staff = structs.replace(staff, teams=(record.index.team,))  # the colleague was looked up for this team
        return await self._act("transfer", code, staff, action, event, from_topic=from_topic)

    async def _act(
        self,
        act: Act,
        code: str,
        staff: StaffMember,
        action: str,
        event: Happening,
        *,
        from_topic: bool = False,
        outcome: str = "",
        partner: str = "",
        note: str = "",
        source: str = "",
        edits: int = 0,
        safely: bool = False,
    ) -> Outcome:
        if not may(staff, act):
            return "forbidden"
        record = await self._mine(code, staff)
        if record is None or record.index.state == "erased":
            return "erased"
        envelope = Envelope(
            event=event, channel="topic" if from_topic else "", by=staff.name, outcome=outcome,
            partner=partner, note=note, source=source, edits=edits, teams=staff.teams, safely=safely, action=action,
        )  # fmt: skip
        return await self._told(record, f"staff:{staff.id}:{action}", envelope)

    async def _told(self, record: CaseRecord, event: str, envelope: Envelope) -> Outcome:
        said = await self._intake.ask(record.person, event, envelope)
        return cast("Outcome", said) if said is not None else "slow"


def _sayable(text: str) -> bool:
    """Whether somebody would see anything: signs that steer or that nobody sees are no words."""
    return len(text) <= LONGEST_ANSWER and any(unicodedata.category(sign)[0] not in "CZ" for sign in text)
