"""What staff read: the words of the desk, of the pages and of their frame.

Rule 1: the source is a table of Python, id → English, or (one, several) where the sentence counts `{n}`.
Rule 2: an id that is not in the table is a bug and raises, in every language.
"""

from collections.abc import Mapping

from bot.i18n.catalog import Catalog
from bot.i18n.merge import Source
from bot.i18n.plurals import plural_of
from bot.i18n.texts import Texts
from bot.i18n.values import Code, Text, Value, Words

Wording = Mapping[str, str | tuple[str, str]]
"""Id → English; two forms where `n` is counted."""


class StaffTexts:
    """Labels and sentences for staff, in every language that has a catalog."""

    __slots__ = ("_counted", "_texts")

    def __init__(self, texts: Texts, counted: Mapping[str, Mapping[str, int]]) -> None:
        self._texts = texts
        self._counted = counted

    @classmethod
    def of(cls, wording: Wording, catalogs: Mapping[str, Catalog]) -> "StaffTexts":
        """Texts from the English table and the staff catalogs by language; what a catalog lacks is said in English."""
        translated: dict[str, dict[str, str]] = {language: {} for language in catalogs}
        sources: dict[str, str] = {}
        counted: dict[str, dict[str, int]] = {}
        for key, english in wording.items():
            if isinstance(english, str):
                sources[key] = english
            else:
                counted[key] = {"en": 2}
                sources.update(_numbered(key, english))
        for language, catalog in catalogs.items():
            for key, entry in catalog.entries.items():
                if entry.is_done and key in counted:
                    counted[key][language] = len(entry.forms)
                    translated[language].update(_numbered(key, entry.forms))
                    sources |= {place: english for place, english in _numbered(key, entry.forms).items() if place not in sources}
                elif entry.is_done:
                    translated[language][key] = entry.forms[0]
        return cls(Texts.of(sources, translated, "en"), counted)

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that staff may read, English first."""
        return self._texts.languages

    def say(self, text_id: str, language: str, **values: str | int | Value) -> str:
        """The text, each value isolated: a number left to right, words by their own direction; with `n`, the plural that `n` takes."""
        forms = self._counted.get(text_id)
        if forms is not None:
            if language not in forms:
                language = "en"
            number = values["n"]
            form = min(plural_of(language)(number), forms[language] - 1) if isinstance(number, int) else 0
            text_id = f"{text_id}[{form}]"
        return self._texts.render(Text(text_id, tuple((name, _value(value)) for name, value in values.items())), language)


def sources_of(wording: Wording, file: str) -> tuple[Source, ...]:
    """The table as texts to translate, by their ids; `file` is where it stands. A new id moves nothing else."""
    return tuple(
        Source(key, english, place=(file, 0)) if isinstance(english, str) else Source(key, english[0], plural=english[1], place=(file, 0))
        for key, english in sorted(wording.items())
    )


def _numbered(key: str, forms: tuple[str, ...]) -> dict[str, str]:
    return {f"{key}[{place}]": form for place, form in enumerate(forms)}


def _value(value: str | int | Value) -> Value:
    if isinstance(value, str):
        return Words(value)
    return Code(str(value)) if isinstance(value, int) else value
