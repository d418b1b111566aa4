"""The sentences: an id, its values and a language become what a person reads.

Rule 1: a text is whole; only `{name}` is filled, and never by `str.format`.
Rule 2: every value is written and isolated by what it says it is, so a number keeps its order inside Arabic.
Rule 3: a text without values is one look into a dict; only countries of the world that no author named are looked up elsewhere.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import assert_never

from bot.i18n.bidi import isolated_code, isolated_words, without_direction
from bot.i18n.names import country_code_of, country_name, day_name, joined
from bot.i18n.placeholders import cut
from bot.i18n.units import BUILT_IN, UnitForms, form_for
from bot.i18n.values import Code, Count, Day, Moment, Ref, Several, Text, Value, Words

_NO_BREAK = "\u00a0"


class Texts:
    """All sentences of one revision in all its languages."""

    __slots__ = ("_cut", "_said", "_source_language", "_units", "languages")

    def __init__(self, said: Mapping[str, Mapping[str, str]], source_language: str, units: Mapping[str, UnitForms]) -> None:
        self._said = said
        self._source_language = source_language
        self._units = units
        self._cut: dict[tuple[str, str], tuple[str, ...]] = {}
        self.languages: tuple[str, ...] = tuple(said)
        """Languages that texts can be said in, the source language first."""

    @classmethod
    def of(
        cls,
        sources: Mapping[str, str],
        catalogs: Mapping[str, Mapping[str, str]],
        source_language: str,
        units: Mapping[str, UnitForms] | None = None,
    ) -> "Texts":
        """Texts from id → source text and language → id → translation. `units`: language → forms that differ from the built-in ones."""
        said: dict[str, Mapping[str, str]] = {source_language: dict(sources)}
        for language, catalog in catalogs.items():
            if language != source_language:
                said[language] = {key: catalog.get(key) or source for key, source in sources.items()}
        own = {language: {**BUILT_IN.get(language, {}), **forms} for language, forms in (units or {}).items()}
        return cls(said, source_language, {**BUILT_IN, **own})

    def say(self, text_id: str, language: str) -> str:
        """The text as it stands, in the language, else in the source language; raises `KeyError` on an unknown id."""
        said = self._in(language).get(text_id)
        return _country(text_id, language) if said is None else said

    def has(self, text_id: str) -> bool:
        """Whether there is a text of this id; `countries.ML` is one for every country of the world."""
        return text_id in self._said[self._source_language] or country_code_of(text_id) is not None

    def source(self, text_id: str) -> str:
        """The source text; raises `KeyError` on an unknown id."""
        return self._said[self._source_language][text_id]

    def render(self, text: Text, language: str) -> str:
        """The sentence with its values, in the language; raises `KeyError` when a value is not given."""
        parts = self._cut.get((text.id, language)) or self._cut_once(text.id, language)
        if len(parts) == 1:
            return parts[0]
        values = dict(text.values)
        return "".join(self.value(values[part], language) if place % 2 else part for place, part in enumerate(parts))

    def value(self, value: Value, language: str) -> str:
        """One value as a reader of the language writes it, isolated where the direction needs it."""
        match value:
            case Words(words):
                return isolated_words(without_direction(words), language)
            case Code(code):
                return isolated_code(without_direction(code), language)
            case Ref(text_id):
                return isolated_words(self.say(text_id, language), language)
            case Count():
                return self._count(value, language)
            case Day(day):
                return isolated_code(f"{_day_and_month(day)}/{day.year:04}", language)
            case Moment(at):
                return isolated_words(_moment(at, language), language)
            case Several(values):
                return joined([self.value(each, language) for each in values], language)
            case _:
                assert_never(value)

    def taking(self, ids: Iterable[str], other: "Texts") -> "Texts":
        """These texts, with those of `ids` as `other` says them; ids that `other` does not know stay as they are."""
        known = [text_id for text_id in ids if other.has(text_id)]
        languages = dict.fromkeys((*self.languages, *other.languages))
        said = {language: {**self._in(language), **{key: other.say(key, language) for key in known}} for language in languages}
        return Texts(said, self._source_language, self._units)

    def _in(self, language: str) -> Mapping[str, str]:
        return self._said.get(language) or self._said[self._source_language]

    def _cut_once(self, text_id: str, language: str) -> tuple[str, ...]:
        parts = cut(self.say(text_id, language))
        self._cut[text_id, language] = parts
        return parts

    def _count(self, count: Count, language: str) -> str:
        forms = self._units.get(language, {})
        if count.unit not in forms:
            language = self._source_language if self._source_language in self._units else "en"
            forms = self._units[language]
        number = isolated_code(str(count.n), language)
        return form_for(forms[count.unit], count.n, language).replace("{n}", number)


def _country(text_id: str, language: str) -> str:
    code = country_code_of(text_id)
    if code is None:
        raise KeyError(text_id)
    return country_name(code, language)


def _moment(at: datetime, language: str) -> str:
    day = day_name(at.weekday(), language)
    date_ = isolated_code(_day_and_month(at), language)
    match language:
        case "fr":
            minutes = f"{_NO_BREAK}{at.minute:02}" if at.minute else ""
            return f"{day} {date_} à {at.hour}{_NO_BREAK}h{minutes}"
        case "ar":
            return f"{day} {date_}، الساعة {isolated_code(f'{at:%H:%M}', language)}"
        case "en":
            return f"{day} {date_} at {at:%H:%M}"
        case _:
            return f"{day} {date_}, {isolated_code(f'{at:%H:%M}', language)}"


def _day_and_month(day: date) -> str:
    return f"{day:%d/%m}"
