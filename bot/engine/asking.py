"""Saying and asking: from the place where a person stands to the message that shows it.

Rule 1: a new question has a new number (`turn`), so that an old button is known for old; saying a question again changes nothing.
Rule 2: a consent is one message whose parts nobody can leave out: the text, who would see what and how long, the limit.
"""

from bot.engine.effects import Button, Card, Send
from bot.engine.filling import filled
from bot.engine.plan import NO, YES, Spot
from bot.engine.session import Question
from bot.engine.turn import Turn
from bot.flow.answers import Choice
from bot.flow.program import Ask, Consent, Contacts, Pages, Say
from bot.i18n.values import Count, Ref, Several, Text, Value

ME = "me"
YES_NO = (Button(YES, Text("bot.yes")), Button(NO, Text("bot.no")))
HUMAN = Button("human", Text("bot.human"), True)  # noqa: FBT003 - a struct, by place


def say(turn: Turn, spot: Spot, step: Say) -> None:
    """Say the text of a step; one with a value that is not known is passed over."""
    text = filled(turn, step.id)
    if text is not None:
        turn.effects.append(Send(step.id, (text,), (), (), step.listen, spot.flow.sensitive))


def show(turn: Turn, spot: Spot, step: Contacts, cards: tuple[Card, ...]) -> None:
    """Show contacts, or say that there are none."""
    parts: tuple[Text, ...] = ()
    if not cards:
        none = filled(turn, step.none) if step.none is not None else None
        parts = (none or Text("bot.no-contact"),)
    turn.do(Send(step.id, parts, (), cards, sensitive=spot.flow.sensitive))


def ask(turn: Turn, spot: Spot) -> None:
    """Ask what waits here, as a new question."""
    turn.turn += 1
    turn.picked = ()
    say_question(turn, spot)


def say_question(turn: Turn, spot: Spot) -> None:
    """Say again what waits here, as the same question."""
    if spot.question is not None:
        turn.effects.append(spot.question)
        return
    step, country = spot.step, turn.country
    match step:
        case Ask():
            text = filled(turn, step.id) or Text("bot.no-contact")
            buttons = _buttons(spot.offered(country, turn.program))
            turn.do(Send(step.id, (text,), buttons, (), step.listen, spot.flow.sensitive))
        case Pages():
            page = f"{step.id}.{step.pages[min(turn.page, len(step.pages) - 1)]}"
            buttons = _buttons(spot.offered(country, turn.program))
            turn.do(Send(page, (filled(turn, page) or Text("bot.no-contact"),), buttons, (), step.listen, spot.flow.sensitive))
        case Consent():
            turn.do(_consent(turn, spot, step))
        case _:  # pragma: no cover - no other step waits
            raise AssertionError(step.id)


def ask_engine(turn: Turn, question: Question, buttons: tuple[Button, ...] = YES_NO) -> None:
    """Ask a question of the engine itself; it waits on top of what waits."""
    turn.turn += 1
    turn.question = question
    turn.tell(f"bot.{question.kind}", *buttons)


def language_buttons(turn: Turn) -> tuple[Button, ...]:
    """One button a language, in its own name."""
    return tuple(Button(code, Text(f"languages.{code}")) for code in turn.program.service.languages)


def _buttons(offered: tuple[Choice, ...]) -> tuple[Button, ...]:
    return tuple(Button(choice.key, Text(choice.label)) for choice in offered)


def _consent(turn: Turn, spot: Spot, step: Consent) -> Send:
    parts = [filled(turn, step.id) or Text("bot.shows")]
    if step.to != ME:
        fields = Several(tuple(Ref(label) for label in _labels(turn, step)))
        parts.append(Text("bot.shows", (("fields", fields), ("keep", Count(step.keep_days, "day")), ("to", recipient(turn, step.to)))))
        parts.append(Text("bot.limit"))
    return Send(step.id, tuple(parts), _buttons(spot.offered(None, turn.program)), (), step.listen, spot.flow.sensitive)


def _labels(turn: Turn, step: Consent) -> list[str]:
    return [label_id(turn, name) for name in step.shows]


def label_id(turn: Turn, name: str) -> str:
    """The id of the label of an answer, as the flow on top sees it."""
    labels = turn.plan.labels_of
    return labels.get((turn.flow, name)) or labels.get(("", name)) or f"{turn.flow}.{name}:label"


def recipient(turn: Turn, to: str) -> Value:
    """The name of a team or a contact."""
    return Ref(f"teams.{to}:name" if to in turn.program.teams.teams else f"directory.{to}:name")
