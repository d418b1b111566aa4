"""The screen where a text stands, as a phone shows it: what was said before, the text itself, the buttons under it.

Rule 1: it is a picture, not a run: it shows where words stand, for every text and at once; what really happens the preview plays.
Rule 2: places `{…}` are filled with examples, so that a sentence is read as it will be read.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final, Literal

from msgspec import Struct

from bot.checks.wording import ENGINE_BUTTONS
from bot.flow import model as m
from bot.flow.compiler import Compiled
from bot.flow.draft import Draft, DraftFlow, DraftStep
from bot.i18n.placeholders import cut
from bot.i18n.texts import Texts
from bot.i18n.values import Code, Count, Day, Moment, Value
from bot.studio.translating.table import Row, Table

Who = Literal["bot", "me", "human", "staff"]
_EXAMPLES: Final[Mapping[str, Value]] = {
    "next": Moment(datetime(2026, 11, 22, 8, 30), ""),  # noqa: DTZ001 a local time, as an example
    "until": Code("16:30"),
    "first-answer": Count(2, "hour"),
    "keep": Count(30, "day"),
    "date": Day(date(2026, 11, 12)),
    "silence.ask-still-safe": Count(30, "minute"),
    "silence.forget": Count(24, "hour"),
    "keep.case": Count(30, "day"),
    "keep.route": Count(7, "day"),
    "keep.messages": Count(48, "hour"),
}
_SAID_WITH: Final[Mapping[str, str]] = {
    "who-answers": "bot.contact-who", "may-follow": "bot.contact-may-follow", "cost": "bot.contact-paid",
}  # fmt: skip
_COUNTED_IN: Final = "bot.waiting-open"
_MOST: Final = 6


class Bubble(Struct, frozen=True):
    """Words on the screen. `here`: the text that is looked at stands in them."""

    text: str
    who: Who = "bot"
    here: bool = False


class Scene(Struct, frozen=True):
    """One screen in one language. `card`: lines of a contact."""

    language: str
    bubbles: tuple[Bubble, ...]
    buttons: tuple[Bubble, ...] = ()
    card: tuple[Bubble, ...] = ()


def scenes(compiled: Compiled, whole: Table, id_: str) -> tuple[Scene, ...]:
    """The screen of this text in every language; none if there is no such text."""
    rows = {row.id: row for row in whole.rows}
    row = rows.get(id_)
    if row is None:
        return ()
    return tuple(_Painter(compiled.draft, rows, row, language).scene() for language in whole.languages)


class _Painter:
    def __init__(self, draft: Draft, rows: Mapping[str, Row], row: Row, language: str) -> None:
        self._draft = draft
        self._rows = rows
        self._row = row
        self._language = language

    def scene(self) -> Scene:
        row, flow = self._row, self._draft.flows.get(self._row.group)
        step = flow.step(row.step) if flow is not None and row.step else None
        if flow is not None and step is not None:
            return self._of_step(flow, step)
        match row.kind:
            case "title":
                return self._screen([Bubble(self._say(row.id), "staff", here=True)])
            case "reply":
                return self._screen([Bubble(self._say(row.id), "human", here=True)])
            case "contact":
                return self._contact(row.id.partition(":")[0])
            case "button":
                return self._shared_button()
            case "count":
                return self._screen([self._bubble(_COUNTED_IN)])
            case "name":
                return self._named()
            case _:
                return self._engine()

    # ── a step ──
    def _of_step(self, flow: DraftFlow, step: DraftStep) -> Scene:
        row = self._row
        before = self._before(flow, step)
        if row.kind == "label":
            return self._screen(
                [Bubble(self._say("bot.shows", fields=self._say(row.id)), here=True)], self._named_buttons("agree", "refuse")
            )
        if row.kind == "page":
            return self._screen([self._bubble(row.id)], self._named_buttons("next", "enough"))
        if row.kind == "help":
            return self._screen([self._bubble(step.id), Bubble("…", "me"), self._bubble(row.id)], self._buttons(step))
        if row.kind == "none":
            return self._screen([*before, self._bubble(row.id)])
        bubbles = [*before, self._bubble(step.id)] if step.id in self._rows else before
        return self._screen(bubbles, self._buttons(step))

    def _before(self, flow: DraftFlow, step: DraftStep) -> list[Bubble]:
        """What was said just before, if the step above only says something."""
        above = flow.steps[step.index - 1] if step.index else None
        return [self._bubble(above.id)] if above is not None and above.word == "say" and above.id in self._rows else []

    def _buttons(self, step: DraftStep) -> list[Bubble]:
        if step.word == "consent":
            return self._named_buttons("agree", "refuse")
        if not isinstance(step.model, m.AskModel):
            return []
        return self._labels([*self._choice_ids(step, step.model), *(["bot.skip"] if step.model.skip else [])])

    def _choice_ids(self, step: DraftStep, ask: m.AskModel) -> list[str]:
        if isinstance(ask.choices, dict):
            return [f"{step.id}.{key}" for key in ask.choices]
        bot = self._draft.bot
        if isinstance(ask.choices, str) and bot is not None:
            return [f"answers.{ask.choices}.{key}" for key in bot.answers.get(ask.choices, {})]
        if ask.hours and bot is not None:
            return [f"hours.{part}" for part in bot.hours]
        if ask.country and bot is not None:
            return [f"countries.{code}" for code in bot.countries]
        return []

    # ── what stands beside flows ──
    def _shared_button(self) -> Scene:
        """A button that many steps have: with the first question that does."""
        parts = self._row.id.split(".")
        for flow in self._draft.flows.values():
            for step in flow.steps:
                if isinstance(step.model, m.AskModel) and self._row.id in self._choice_ids(step, step.model):
                    return self._screen([self._bubble(step.id)], self._buttons(step))
        siblings = [id_ for id_ in self._rows if id_.startswith(".".join(parts[:-1]) + ".") and id_.count(".") == len(parts) - 1]
        return self._screen([], self._labels(siblings))

    def _named(self) -> Scene:
        id_ = self._row.id
        if id_.startswith("hours."):
            return self._screen([], self._labels([each for each in self._rows if each.startswith("hours.")]))
        if id_.startswith("teams."):
            return self._screen([Bubble(self._say("bot.passed-team", team=self._say(id_)), here=True)])
        user = next((each for each in self._rows.values() if f"{{{id_}}}" in each.source), None)
        return self._screen([Bubble(self._say(user.id), here=True)] if user is not None else [Bubble(self._say(id_), here=True)])

    def _engine(self) -> Scene:
        id_ = self._row.id
        if id_ in ENGINE_BUTTONS:
            return self._screen([self._bubble("bot.again")], self._labels([id_]))
        if id_.startswith("bot.contact-"):
            contact = next((each.id.partition(":")[0] for each in self._rows.values() if each.id.startswith("directory.")), "")
            scene = self._contact(contact)
            line = Bubble(self._say(id_), here=True)
            return Scene(self._language, scene.bubbles, (), (*scene.card[:1], line))
        return self._screen([self._bubble(id_)], self._named_buttons("agree", "refuse") if id_ in ("bot.shows", "bot.limit") else [])

    def _contact(self, contact: str) -> Scene:
        lines = [self._bubble(f"{contact}:name")] if f"{contact}:name" in self._rows else []
        for key, frame in _SAID_WITH.items():
            id_ = f"{contact}:{key}"
            if id_ in self._rows:
                value = {"who-answers": "who", "may-follow": "what", "cost": "cost"}[key]
                lines.append(Bubble(self._say(frame, **{value: self._say(id_)}), here=id_ == self._row.id))
        return Scene(self._language, (), (), tuple(lines))

    # ── words ──
    def _screen(self, bubbles: Iterable[Bubble], buttons: Iterable[Bubble] = ()) -> Scene:
        return Scene(self._language, tuple(bubbles), tuple(buttons))

    def _named_buttons(self, *keys: str) -> list[Bubble]:
        return self._labels([f"bot.{key}" for key in keys])

    def _labels(self, ids: Iterable[str]) -> list[Bubble]:
        """Buttons; of many, those around the one that is looked at."""
        found = [self._bubble(id_) for id_ in ids if id_ in self._rows]
        at = next((place for place, label in enumerate(found) if label.here), 0)
        first = max(0, min(at - _MOST + 2, len(found) - _MOST))
        return found[first : first + _MOST]

    def _bubble(self, id_: str) -> Bubble:
        here = id_ == self._row.id or (self._row.kind == "count" and id_ == _COUNTED_IN)
        return Bubble(self._say(id_), here=here)

    def _say(self, id_: str, **values: str) -> str:
        row = self._rows.get(id_)
        cell = None if row is None else row.cell(self._language)
        if row is None or cell is None:
            return values.get("fields", "")
        text = cell.text or row.source
        return "".join(self._example(part, values) if place % 2 else part for place, part in enumerate(cut(text)))

    def _example(self, name: str, values: Mapping[str, str]) -> str:
        if name in values:
            return values[name]
        given = {"to": "teams.", "team": "teams.", "who": ":who-answers", "what": ":may-follow", "cost": ":cost", "fields": ":label"}.get(
            name
        )
        if given is not None:
            found = next((id_ for id_ in self._rows if id_.startswith(given) or id_.endswith(given)), None)
            return self._say(found) if found is not None else f"‹{name}›"
        if name in self._rows and name != self._row.id:
            return self._say(name)
        if name in _EXAMPLES:
            return Texts.of({}, {}, "en").value(_EXAMPLES[name], self._language)
        if name.endswith(".next"):
            return Texts.of({}, {}, "en").value(_EXAMPLES["next"], self._language)
        return f"‹{name}›"
