"""What stands in the braces of a text: only what that text may say back.

Rule 1: own answers are never said back, private ones least of all. Words in the person's own may be, once, by a `say` of the turn
in which they were written: nothing is kept for it, and never where a locked screen must show nothing.
"""

from bot.flow.answers import Free
from bot.flow.draft import SourceText
from bot.flow.language import ENGINE_VALUES, SERVICE_VALUES
from bot.flow.names import World
from bot.flow.problem import Place, Problems, nearest, shown
from bot.i18n.placeholders import has_stray_brace, placeholders


def value_problems(text: SourceText, world: World, problems: Problems) -> None:
    """Notes the braces of a text that cannot stand there, and values of the engine that are missing."""
    place = Place(text.line, text.column)
    if has_stray_brace(text.text):
        problems.add("no-such-answer", place, "a brace stands only as {name}")
    needed = ENGINE_VALUES.get(text.id.removeprefix("bot."), ()) if text.kind == "engine" else ()
    held = placeholders(text.text)
    if text.kind == "reply":
        if held:
            problems.add("no-such-answer", place, "a ready reply says the same to everyone: nothing in braces stands in it")
        return
    for name in sorted(held - set(needed)):
        _value(name, text, world, problems)
    for name in needed:
        if name not in held:
            problems.add("no-text", place, f"this text must say {{{name}}}")


def _value(name: str, text: SourceText, world: World, problems: Problems) -> None:
    place = Place(text.line, text.column)
    kind, _, rest = name.partition(".")
    if name in SERVICE_VALUES:
        return
    if kind == "number" and rest:
        if rest not in world.needs:
            problems.add("no-such-need", place, f"no need {shown(rest)}", nearest(rest, world.needs))
    elif kind == "team" and rest:
        _team_value(name, rest, place, world, problems)
    else:
        _answer_value(name, text, world, problems)


def _team_value(name: str, rest: str, place: Place, world: World, problems: Problems) -> None:
    team, _, what = rest.rpartition(".")
    if what not in ("next", "first-answer"):
        problems.add("no-such-answer", place, f"{{{name}}}: of a team a text may say {{team.name.next}} and {{team.name.first-answer}}")
    elif team not in world.teams:
        problems.add("no-such-team", place, f"no team {shown(team)}", nearest(team, world.teams))


def _answer_value(name: str, text: SourceText, world: World, problems: Problems) -> None:
    place = Place(text.line, text.column)
    flow = text.id.partition(".")[0].partition(":")[0]
    own = world.own.get(flow, {}).get(name)
    shared = world.shared.get(name)
    if (own and own.private) or (shared and shared.private):
        problems.add("private", place, f"{shown(name)} is private: no text may say it back")
    elif own is not None and isinstance(own.type, Free) and text.id in world.sayings:
        return
    elif own is not None and shared is None:
        problems.add("no-such-answer", place, f"{shown(name)} belongs to this flow alone and cannot be said back; only shared answers can")
    elif shared is None or not (shared.asked or shared.unread):
        sayable = [*(key for key, facts in world.shared.items() if facts.asked and not facts.private), *SERVICE_VALUES]
        problems.add("no-such-answer", place, f"nothing is called {{{name}}} that a text may say", nearest(name, sayable))
