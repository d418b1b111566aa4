"""The names of languages: each in its own words for buttons, and every way a person may write it.

Rule 1: a language is shown by the name its speakers give it, whatever language the conversation is in.
"""

from functools import cache

from babel.core import Locale, UnknownLocaleError

from bot.i18n.fold import fold


@cache
def own_name(code: str) -> str:
    """The name of the language in that language; the code itself when nobody knows it."""
    name = name_in(code, code)
    return name[:1].upper() + name[1:]


@cache
def name_in(code: str, language: str) -> str:
    """The name of a language as another language calls it; the code itself when nobody knows it."""
    try:
        return str(Locale.parse(language).languages.get(code, code))
    except (UnknownLocaleError, ValueError):
        return code


@cache
def spellings_of(code: str, language: str) -> tuple[str, ...]:
    """The folded ways to write the language: its code, its own name, its name in the language of the reader."""
    return tuple(dict.fromkeys(fold(word) for word in (code, own_name(code), name_in(code, language))))
