"""Conditions, ways and steps as sentences, in the language of the author.

Rule 1: a question is called by what people read of it; its name stands in only where it has no words.
"""

from collections.abc import Mapping, Sequence
from typing import assert_never

from bot.flow.expressions import All, Compare, Either, Expression, Has, Is, Known, Not, Wrong, parse
from bot.studio.showing.vocabulary import Asked, Vocabulary
from bot.web.parts import Wording

_ORDERS = {"<": "under", "<=": "at-most", ">": "over", ">=": "at-least"}
_BUILT_IN = ("language", "now", "heard")


class Saying:
    """Says things of one flow in one language."""

    def __init__(self, words: Wording, language: str, vocabulary: Vocabulary) -> None:
        self._words, self._language = words, language
        self._asked = {each.name: each for each in vocabulary.asked}

    def condition(self, text: str) -> str:
        """Give a condition in words; its own text if it cannot be read."""
        read = parse(text)
        return text if isinstance(read, Wrong) else self._said(read)

    def question(self, name: str) -> str:
        """Give what an answer is called."""
        if name in _BUILT_IN and (name not in self._asked or not self._asked[name].title):
            return self._say(f"studio.answer.{name}")
        found = self._asked.get(name)
        if name.startswith("team."):
            return self._say("studio.answer.team", team=found.title if found and found.title else name.removeprefix("team."))
        return self._say("studio.if.question", question=found.title if found is not None and found.title else name)

    def value(self, name: str, value: str) -> str:
        """Give what a value of an answer is called."""
        if name == "language":
            return self._say(f"tongue.{value}") if value in ("ar", "fr", "en") else value
        if name.startswith("team.") and value in ("open", "closed"):
            return self._say(f"studio.answer.{value}")
        named = {each.name: each.title for each in self._asked[name].values} if name in self._asked else {}
        return named.get(value) or value

    def _say(self, text_id: str, **values: str | int) -> str:
        return self._words.say(text_id, self._language, **values)

    def _said(self, read: Expression) -> str:
        match read:
            case Is(name, values, opposite):
                told = self._joined([self.value(name, value) for value in values], "or")
                return self._say("studio.if.is-not" if opposite else "studio.if.is", question=self.question(name), values=told)
            case Has(name, value):
                return self._say("studio.if.has", question=self.question(name), values=self.value(name, value))
            case Compare(name, order, value):
                return self._say(f"studio.if.{_ORDERS[order]}", question=self.question(name), values=value)
            case Known(name):
                return self._say("studio.if.known", question=self.question(name))
            case Not() | All() | Either():
                return self._joint(read)
            case _:
                assert_never(read)

    def _joint(self, read: Not | All | Either) -> str:
        if isinstance(read, Not):
            if isinstance(read.part, Known):
                return self._say("studio.if.unknown", question=self.question(read.part.name))
            return self._say("studio.if.not", part=self._said(read.part))
        return self._joined([self._inner(part) for part in read.parts], "and" if isinstance(read, All) else "or")

    def _inner(self, part: Expression) -> str:
        told = self._said(part)
        return self._say("studio.if.brackets", part=told) if isinstance(part, All | Either) else told

    def _joined(self, parts: Sequence[str], word: str) -> str:
        told = parts[0]
        for part in parts[1:]:
            told = self._say(f"studio.if.{word}", first=told, second=part)
        return told


def asked_for_forms(asked: Sequence[Asked], saying: Saying) -> list[Mapping[str, object]]:
    """Give the answers as the form of a condition lists them."""
    return [_for_form(each, saying) for each in asked if each.values or each.kind in ("number", "date", "free")]


def _for_form(asked: Asked, saying: Saying) -> Mapping[str, object]:
    values = [{"name": value.name, "title": saying.value(asked.name, value.name)} for value in asked.values]
    return {"name": asked.name, "title": saying.question(asked.name), "kind": asked.kind, "values": values}
