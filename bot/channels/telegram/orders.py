"""What caseworkers order in a topic, by a command or by a button: each done at the desk, for one case.

Rule 1: who orders and which case it is about is known before anything here begins; nothing is guessed from the words of an order.
Rule 2: what is not understood is refused with a reason; words that begin with a stroke never go to a person.
"""

from collections.abc import Callable, Iterable
from typing import Final

from msgspec import Struct

from bot.conversation.cases.desk import OUTCOMES, Desk
from bot.conversation.group.presses import Press
from bot.conversation.staffing.staff import StaffBook, StaffMember
from bot.engine.calendar import local
from bot.flow.program import Program
from bot.flow.replies import replies_for
from bot.i18n.staff import StaffTexts

STROKE: Final = "/"
COMMANDS: Final = ("claim", "note", "r", "transfer", "tag", "back", "close", "help", "me")
"""What the group's menu of commands offers."""
ENDINGS: Final = tuple(outcome for outcome in OUTCOMES if outcome != "back")
"""Outcomes to choose from."""


class Told(Struct, frozen=True):
    """What became of an order: the desk's word for it, and what to say where it was done (`said`, with `name` for its gap)."""

    outcome: str
    said: str = ""
    name: str = ""


class Orders:
    """Carries out orders. `program`: the flows in force."""

    def __init__(self, *, desk: Desk, staff: StaffBook, program: Callable[[], Program], texts: StaffTexts) -> None:
        self._desk = desk
        self._staff = staff
        self._program = program
        self._texts = texts

    # ── commands ──
    async def written(self, code: str, staff: StaffMember, text: str, action: str) -> Told:
        """Do what a command says."""
        word, _, rest = text.removeprefix(STROKE).partition(" ")
        rest = rest.strip()
        command = word.partition("@")[0].lower()
        if command in ("claim", "close", "back", "transfer"):
            return await self._standing(command, code, staff, rest, action)
        match command:
            case "note":
                return Told(await self._desk.note(code, staff, rest, action, from_topic=True))
            case "tag":
                return Told(await self._desk.tag(code, staff, rest.split(","), action))
            case "r":
                return await self._reply(code, staff, rest, action)
            case "help":
                return Told("done", "topic.help")
            case _:
                return Told("command")

    async def _standing(self, command: str, code: str, staff: StaffMember, rest: str, action: str) -> Told:
        match command:
            case "claim":
                return await self._claim(code, staff, action)
            case "close":
                return await self._close(code, staff, self._ending(rest, staff.language), action)
            case "back":
                return await self._back(code, staff, self._flow(rest, staff.language), action)
            case _:
                return await self._transfer(code, staff, rest, action)

    async def _claim(self, code: str, staff: StaffMember, action: str) -> Told:
        return Told(await self._desk.claim(code, staff, action, from_topic=True), "topic.did.claim", staff.name)

    async def _close(self, code: str, staff: StaffMember, outcome: str, action: str) -> Told:
        return Told(await self._desk.close(code, staff, outcome, action, from_topic=True), "topic.did.close")

    async def _back(self, code: str, staff: StaffMember, flow: str, action: str) -> Told:
        return Told(await self._desk.hand_back(code, staff, action, flow=flow, from_topic=True), "topic.did.back")

    async def _to(self, code: str, staff: StaffMember, to: str, action: str, *, note: str = "") -> Told:
        return Told(await self._desk.transfer(code, staff, action, to=to, note=note, from_topic=True), "topic.did.to", to)

    async def _team(self, code: str, staff: StaffMember, team: str, action: str, *, note: str = "", agreed: bool = False) -> Told:
        done = await self._desk.transfer(code, staff, action, team=team, note=note, agreed=agreed, from_topic=True)
        return Told(done, "topic.did.to", self.team(team, staff.language))

    async def _transfer(self, code: str, staff: StaffMember, rest: str, action: str) -> Told:
        """The longest name that the words begin with is meant; what follows is the note."""
        teams = {name: team for team in self._program().teams.teams for name in (team, self.team(team, staff.language))}
        trees = {one.name: one.name for one in await self._staff.list()}
        name = _begins(rest, [*teams, *trees])
        note = rest[len(name) :].strip().removeprefix(":").strip()
        if name in trees:
            return await self._to(code, staff, trees[name], action, note=note)
        return await self._team(code, staff, teams.get(name, rest), action, note=note)

    async def _reply(self, code: str, staff: StaffMember, which: str, action: str) -> Told:
        """A reply that stands ready, by its number in the list of this case or by its id."""
        program, page = self._program(), await self._desk.open(code, staff, limit=1)
        if page is None:
            return Told("erased")
        fitting = [one.id for one in replies_for(program.replies, page.index.team, page.need)]
        if not which:
            lines = [f"{n}. {program.texts.say(program.replies[id_].title, staff.language)}" for n, id_ in enumerate(fitting, 1)]
            return Told("done", "topic.replies", "\n".join(lines)) if lines else Told("reply")
        id_ = fitting[int(which) - 1] if which.isdecimal() and 0 < int(which) <= len(fitting) else which
        if id_ not in program.replies:
            return Told("reply")
        return Told(await self._desk.answer(code, staff, "", action, reply=id_, from_topic=False))

    async def waits_until(self, code: str, staff: StaffMember, action: str) -> str:
        """Give when the words of this act go, by the clock of their person."""
        at, country = await self._desk.waits_until(code, staff, action)
        return f"{local(at, country or None, self._program().service):%d/%m %H:%M}"

    def _ending(self, said: str, language: str) -> str:
        """The outcome of this id or name; `answered` if none is said."""
        named = {self._texts.say(f"outcome.{one}", language).casefold(): one for one in ENDINGS}
        return named.get(said.casefold(), said.casefold()) if said else "answered"

    def _flow(self, said: str, language: str) -> str:
        named = {title.casefold(): flow for flow, title in self._desk.flows(language)}
        return named.get(said.casefold(), said)

    # ── buttons ──
    async def pressed(self, press: Press, staff: StaffMember, action: str) -> Told:
        """Do what a button says that needs no further choice."""
        code, what = press.code, press.what
        match press.verb:
            case "claim":
                return await self._claim(code, staff, action)
            case "to":
                return await self._to(code, staff, what, action)
            case "only" | "with":
                return await self._team(code, staff, what, action, agreed=press.verb == "with")
            case "end":
                return await self._close(code, staff, what, action)
            case "flow":
                return await self._back(code, staff, what, action)
            case "undo":
                return Told(await self._desk.withdraw(code, staff, what, action), "topic.did.undo")
            case _:
                return Told("unknown")

    # ── what can be chosen ──
    async def choices(self, press: Press, staff: StaffMember) -> list[tuple[str, Press]]:
        """Give what a button leaves to choose: label and press of each."""
        code, language = press.code, staff.language
        match press.verb:
            case "transfer":
                page = await self._desk.open(code, staff, limit=1)
                mine = page.index.team if page is not None else ""
                crew = await self._staff.of_team(mine)
                people = [one for one in crew if one.name != staff.name]
                teams = [team for team in self._program().teams.teams if team != mine]
                given = [(one.name, Press("to", code, one.name)) for one in people]
                return given + [(f"→ {self.team(team, language)}", Press("team", code, team)) for team in teams]
            case "team":
                return [(self._texts.say(f"topic.button.{verb}", language), Press(verb, code, press.what)) for verb in ("only", "with")]
            case "close":
                return [(self._texts.say(f"outcome.{one}", language), Press("end", code, one)) for one in ENDINGS]
            case "back":
                there = (self._texts.say("topic.button.where", language), Press("flow", code))
                return [there, *((title, Press("flow", code, flow)) for flow, title in self._desk.flows(language))]
            case _:
                return []

    def team(self, team: str, language: str) -> str:
        """Give a team's name."""
        texts, name = self._program().texts, f"teams.{team}:name"
        return texts.say(name, language) if texts.has(name) else team


def _begins(words: str, names: Iterable[str]) -> str:
    """The longest of the names that the words begin with, as it is written; empty if there is none."""
    folded = words.casefold()
    met = [name for name in names if folded == name.casefold() or folded.startswith((f"{name.casefold()} ", f"{name.casefold()}:"))]
    return max(met, key=len, default="")
