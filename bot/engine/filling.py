"""The values that a text holds, as they are for this person now.

Rule 1: only what the language allows to be said: shared answers, times, the service, numbers of the directory; never an own answer,
but for words that the person has just written, in this turn only.
Rule 2: a value that is not known makes no sentence: the text is not said.
"""

from datetime import date

from bot.engine.calendar import attended_from, next_opening
from bot.engine.contacts import Seeker
from bot.engine.plan import Plan
from bot.engine.tongues import own_name
from bot.engine.turn import Turn
from bot.flow.answers import SKIPPED, Answer, AnswerType, Choices, CountryOf, DateOf, Hours, Language, Place
from bot.flow.service import Service
from bot.i18n.values import Code, Count, Day, Moment, Ref, Several, Text, Value, Words

_DAY = 24 * 60


def filled(turn: Turn, text_id: str, **more: Value | None) -> Text | None:
    """The text with its values; `more`: values of this occasion, `_` for `-`. None if one is not known."""
    names = turn.plan.names_in(text_id)
    if not names:
        return Text(text_id)
    values = []
    for name in names:
        value = more.get(name.replace("-", "_")) or _value(turn, name)
        if value is None:
            return None
        values.append((name, value))
    return Text(text_id, tuple(values))


def seeker(turn: Turn, country: str | None = None) -> Seeker:
    """Who looks for a contact: this person, in the country given or the one they named."""
    return Seeker(at=turn.at, country=country or turn.country, place=turn.word("place"))


def minutes(count: int) -> Count:
    """A length of time in the unit a person would use."""
    if count % 60:
        return Count(count, "minute")
    if count % _DAY or count <= 2 * _DAY:
        return Count(count // 60, "hour")
    return Count(count // _DAY, "day")


def opening(turn: Turn, team: str) -> Moment | None:
    """When somebody of the team is next at work for this person; None if nobody can say."""
    teams, service = turn.program.teams, turn.program.service
    if team in turn.away:
        back = turn.away[team]
        found = attended_from(teams, team, turn.country, max(back, turn.at), service) if back is not None else None
    else:
        found = next_opening(teams, team, turn.country, turn.at, service)
    return None if found is None else Moment(found[0].replace(tzinfo=None), found[1])


def shown(plan: Plan, kind: AnswerType | None, answer: Answer, country: str | None) -> Value:
    """An answer as others read it."""
    if answer == SKIPPED:
        return Ref("bot.skipped") if plan.program.texts.has("bot.skipped") else Ref("bot.skip")
    if isinstance(answer, tuple | list):
        return Several(tuple(shown(plan, kind, each, country) for each in answer))
    return _shown_one(plan, kind, answer, country)


def _shown_one(plan: Plan, kind: AnswerType | None, answer: str | int, country: str | None) -> Value:
    word = str(answer)
    match kind:
        case Choices(choices=choices):
            return next((Ref(choice.label) for choice in choices if choice.key == word), Code(word))
        case Hours():
            return _ref(plan, f"hours.{word}")
        case CountryOf():
            return _ref(plan, f"countries.{word}")
        case Place():
            return _ref(plan, f"countries.{country}.{word}")
        case Language():
            return Words(own_name(word))
        case DateOf():
            return day_of(word)
        case None:
            return Code(word)
        case _:
            return Code(word) if isinstance(answer, int) else Words(word)


def day_of(word: str) -> Value:
    """A day kept as `YYYY-MM-DD`, as a day."""
    return Day(date.fromisoformat(word))


def _ref(plan: Plan, text_id: str) -> Value:
    return Ref(text_id) if plan.program.texts.has(text_id) else Code(text_id.rpartition(".")[2])


def _value(turn: Turn, name: str) -> Value | None:
    first, _, rest = name.partition(".")
    match first:
        case "team":
            return _of_team(turn, *rest.split("."))
        case "number":
            number = turn.plan.shelf.first_number(rest, seeker(turn))
            return None if number is None else Code(number)
        case "keep" | "silence" | "bot" if rest:
            return _said(turn, name) or _of_service(turn.program.service, name)
        case _:
            if turn.written is not None and turn.written[:2] == (turn.flow, name):
                return Words(turn.written[2])
            held = turn.shared.get(name)
            return None if held is None or held == SKIPPED else shown(turn.plan, turn.program.shared.get(name), held, turn.country)


def _of_team(turn: Turn, team: str, what: str) -> Value | None:
    row = turn.program.teams.teams.get(team)
    if row is None or what == "next":
        return opening(turn, team)
    return minutes(row.first_answer)


def _said(turn: Turn, name: str) -> Ref | None:
    """The name of the service and of who runs it have their own words in each language."""
    return Ref(name) if name in {"bot.name", "bot.org"} and turn.program.texts.has(name) else None


def _of_service(service: Service, name: str) -> Value:
    values: dict[str, Value] = {
        "keep.case": minutes(service.keep.case),
        "keep.route": minutes(service.keep.route),
        "keep.messages": minutes(service.keep.messages),
        "silence.forget": minutes(service.silence.forget),
        "silence.ask-still-safe": minutes(service.silence.ask_still_safe),
        "bot.name": Words(service.name),
        "bot.org": Words(service.org),
        "bot.handle": Code(service.handle),
    }
    return values[name]
