"""A desk in memory for looking at pages: cases of every kind, acts that count once, and bells."""

from collections.abc import Sequence
from typing import Any

from msgspec import structs

from bot.conversation.cases.desk import CasePage, Entry
from bot.conversation.keeping.envelope import Later
from bot.conversation.running.bells import Changes
from bot.conversation.staffing.staff import StaffMember
from bot.ports import CaseIndex, StoreUnavailable

FIELDS = {
    "fr": (("Pouvez-vous écrire sans danger ?", "Oui"), ("Quelqu’un garde-t-il vos papiers ?", "Oui"), ("Pouvez-vous sortir quand vous voulez ?", "Non"), ("Pays", "Maroc")),
    "ar": (("هل الكتابة آمنة؟", "نعم"), ("هل يحتفظ أحد بالأوراق؟", "نعم"), ("هل الخروج ممكن متى أردت؟", "لا"), ("البلد", "المغرب")),
    "en": (("Can you write safely?", "Yes"), ("Does someone keep your papers?", "Yes"), ("Can you go out when you want?", "No"), ("Country", "Morocco")),
}  # fmt: skip
THREAD = [
    ("state", "claimed", "Arganier", 80),
    ("state", "phrase", "", 77),
    ("person", "bjr c moi. la patrone es sorti jusqua 17h", "", 76),
    ("staff", "Bonjour. Merci d’avoir écrit. Êtes-vous en sécurité en ce moment ?", "Arganier", 75),
    ("person", "oui sa va\u202e. si je part dici commen je fait pr mes papié ? elle les garde\u200b", "", 74),
    ("note", "Place d’hébergement à confirmer jeudi. Ne rien promettre d’ici là.", "Thuya", 60),
    ("person", "هي تخرج كل يوم مع 14:00 و ترجع 17:00", "", 30),
    ("bot", "Noted. The person who answers will see it.", "", 29),
]


class FakeDesk:
    """A desk with a few cases of every kind."""

    def __init__(self, clock: Any) -> None:
        now = clock.now()
        self.clock = clock
        self.down = False
        self.done: list[tuple[str, ...]] = []
        self.actions: set[str] = set()
        self.changes = Changes()
        cases = [
            CaseIndex("M3-18K", "safe", "now", "waiting", now - 34 * 60, "ar", unread=3, asked=now - 34 * 60, step=1),
            CaseIndex("R2-77Q", "desk", "normal", "waiting", now - 82 * 60, "en", asked=now - 82 * 60),
            CaseIndex("B8-31T", "safe", "high", "waiting", now - 26 * 60, "fr", asked=now - 26 * 60),
            CaseIndex("H4-66W", "desk", "normal", "waiting", now - 6 * 60, "ar", asked=now - 6 * 60),
            CaseIndex("K7-42X", "safe", "high", "claimed", now - 90 * 60, "fr", claimant="Arganier", unread=1, answered=True),
            CaseIndex("P6-03N", "desk", "normal", "claimed", now - 300 * 60, "ar", claimant="Arganier", unwritten=True),
            CaseIndex("T5-09C", "safe", "normal", "claimed", now - 60 * 60, "fr", claimant="Cèdre"),
            CaseIndex("D2-55F", "desk", "normal", "closed", now - 3000 * 60, "fr", claimant="Arganier"),
            CaseIndex("E9-14G", "desk", "normal", "erased", now - 50 * 60, "ar"),
        ]
        self.cases = {case.code: case for case in cases}
        self.more: dict[str, dict[str, Any]] = {"K7-42X": {"withheld": 2, "phrase": "le pain est chaud", "tags": ("papiers",), "way": ""}}
        self.safe_hours: dict[str, tuple[str, ...]] = {}
        self.countries: dict[str, str] = {"K7-42X": "MA", "B8-31T": "MA"}
        self.later: dict[str, list[Later]] = {}
        self.entries: dict[str, list[Entry]] = {code: [] for code in self.cases}
        for kind, text, by, ago in THREAD:
            self.add("K7-42X", kind, text, by, now - ago * 60)
        self.add("M3-18K", "person", "واش كاين واحد", "", now - 30 * 60)
        self.entries["M3-18K"].append(Entry(2, now - 29 * 60, "person", "", "", "voice", file="f2"))
        self.add("P6-03N", "state", "do-not-write", "", now - 20 * 60)

    def add(self, code: str, kind: str, text: str, by: str, at: float, **more: Any) -> None:
        entries = self.entries[code]
        entries.append(Entry(len(entries) + 1, at, kind, text, by, None, **more))  # type: ignore[arg-type]

    def says(self, code: str, text: str) -> None:
        """The person writes."""
        self.add(code, "person", text, "", self.clock.now())
        case = self.cases[code]
        self.cases[code] = structs.replace(case, unread=case.unread + 1, asked=case.asked or self.clock.now())
        self.ring(code, "words")

    def _up(self) -> None:
        if self.down:
            raise StoreUnavailable

    # ── looking ──
    async def queue(self, staff: StaffMember, states: Sequence[str] = ("waiting", "claimed")) -> Sequence[CaseIndex]:
        ranks = {"now": 0, "high": 1, "normal": 2}
        return sorted((case for case in self.cases.values() if case.state in states), key=lambda case: (ranks[case.urgency], case.since))

    async def open(self, code: str, staff: StaffMember, *, before: int = 0, after: int = 0, limit: int = 100) -> CasePage | None:
        case = self.cases.get(code)
        if case is None:
            return None
        if case.state == "erased":
            return CasePage(case, (), (), True)
        entries = self.entries[code]
        shown = entries[after : after + limit] if after else entries[: before - 1][-limit:] if before else entries[-limit:]
        return CasePage(
            case,
            FIELDS.get(staff.language, FIELDS["en"]) if case.urgency == "high" else (),
            tuple(shown),
            False,
            "referred" if case.state == "closed" else "",
            safe_hours=self.safe_hours.get(code, ()),
            total=len(entries),
            need={"fr": "Exploitation au travail", "ar": "استغلال في العمل"}.get(staff.language, "Exploitation at work")
            if case.urgency == "high"
            else "",
            country=self.countries.get(code, ""),
            later=tuple(self.later.get(code, ())),
            notes=tuple(entry for entry in entries if entry.kind == "note"),
            channel=self.more.get(code, {}).get("channel", "web"),
            wrote_at=max((entry.at for entry in entries if entry.kind == "person"), default=0.0),
            **{name: value for name, value in self.more.get(code, {}).items() if name != "channel"},
        )

    def flows(self, language: str) -> Sequence[tuple[str, str]]:
        titles = {"fr": ("Salaires non payés", "Retour au pays"), "ar": ("أجور غير مدفوعة", "العودة إلى البلد")}.get(
            language, ("Unpaid wages", "Going home")
        )
        return list(zip(("wages", "return"), titles, strict=True))

    # ── doing ──
    async def _act(self, code: str, staff: StaffMember, verb: str, action: str, *what: str) -> str:
        self._up()
        case = self.cases[code]
        if f"{staff.id}:{action}" in self.actions:
            return "done"
        if case.state in ("erased", "closed"):
            return case.state
        if case.claimant not in (None, staff.name) and verb not in ("note", "tag"):
            return "taken"
        if verb == "answer" and case.unwritten:
            return "unwritten"
        if verb in ("answer", "note") and not what[0]:
            return "empty"
        self.actions.add(f"{staff.id}:{action}")
        self.done.append((code, verb, *what, action))
        self._happens(code, staff, verb, *what)
        self.ring(code)
        return "done"

    def _happens(self, code: str, staff: StaffMember, verb: str, *what: str) -> None:
        case, now = self.cases[code], self.clock.now()
        if verb in ("claim", "answer") and case.state == "waiting":
            self.cases[code] = case = structs.replace(case, state="claimed", claimant=staff.name)
            self.add(code, "state", "claimed", staff.name, now)
        if verb == "answer":
            self.cases[code] = structs.replace(case, unread=0, asked=0.0, answered=True)
        if verb in ("answer", "note"):
            self.add(code, "staff" if verb == "answer" else "note", what[0], staff.name, now)
        if verb == "close":
            self.cases[code] = structs.replace(case, state="closed")
        if verb == "back":
            self.cases[code] = structs.replace(case, state="closed")
        if verb == "transfer":
            kind, to = what[0], what[1]
            self.cases[code] = (
                structs.replace(case, claimant=to)
                if kind == "to"
                else structs.replace(case, team=to, claimant=None, state="waiting", asked=now)
            )
            self.add(code, "state", "assigned" if kind == "to" else "moved", staff.name, now, about=to)

    def ring(self, code: str, kind: str = "state") -> None:
        self.changes.tell(code, kind)

    async def claim(self, code: str, staff: StaffMember, action: str) -> Any:
        return await self._act(code, staff, "claim", action)

    async def answer(self, code: str, staff: StaffMember, text: str, action: str, *, at: float | None = None, reply: str = "") -> Any:
        if at is not None:
            self.later.setdefault(code, []).append(Later(action, at, text, staff.name))
            self.ring(code)
            return "done"
        return await self._act(code, staff, "answer", action, reply or text)

    async def note(self, code: str, staff: StaffMember, text: str, action: str) -> Any:
        return await self._act(code, staff, "note", action, text)

    async def correct(self, code: str, staff: StaffMember, text: str, action: str, *, n: int = 0) -> Any:
        return await self._act(code, staff, "correct", action, text, str(n))

    async def withdraw(self, code: str, staff: StaffMember, later_id: str, action: str) -> Any:
        self.later[code] = [one for one in self.later.get(code, ()) if one.id != later_id]
        return await self._act(code, staff, "withdraw", action, later_id)

    async def tag(self, code: str, staff: StaffMember, tags: Sequence[str], action: str) -> Any:
        self.more.setdefault(code, {})["tags"] = tuple(tag for tag in tags if tag)
        return await self._act(code, staff, "tag", action, *[tag for tag in tags if tag])

    async def transfer(
        self, code: str, staff: StaffMember, action: str, *, to: str = "", team: str = "", note: str = "", agreed: bool = False
    ) -> Any:
        return await self._act(code, staff, "transfer", action, "to" if to else "team", to or team, note, str(agreed))

    async def hand_back(self, code: str, staff: StaffMember, action: str, *, flow: str = "") -> Any:
        return await self._act(code, staff, "back", action, flow)

    async def close(self, code: str, staff: StaffMember, outcome: str, action: str, *, follow_up: bool = False, partner: str = "") -> Any:
        if outcome not in ("answered", "referred", "no-answer", "partner", "other"):
            return "outcome"
        return await self._act(code, staff, "close", action, outcome, str(follow_up), partner)
