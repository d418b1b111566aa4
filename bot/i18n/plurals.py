"""Which plural form a number takes in a language.

Rule 1: forms stand in the order of CLDR (zero, one, two, few, many, other), whatever header a tool wrote.
Rule 2: Babel's own Arabic header puts 100 before 11; it is never used for writing.
"""

import gettext
from collections.abc import Callable
from functools import cache

from babel.core import UnknownLocaleError
from babel.messages.plurals import get_plural

_HEADERS = {
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);",
    "en": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
}
_ONE_FORM = "nplurals=1; plural=0;"


def plural_header(language: str) -> str:
    """The value of the `Plural-Forms` header for a language; one form for a language that nobody knows."""
    known = _HEADERS.get(language)
    if known is not None:
        return known
    try:
        forms = get_plural(language)
    except (UnknownLocaleError, ValueError):
        return _ONE_FORM
    return f"nplurals={forms.num_plurals}; plural={forms.plural_expr};"


@cache
def plural_of(language: str) -> Callable[[int], int]:
    """The function from a whole number (0 or more) to the index of its form."""
    return read_header(plural_header(language))[1]


@cache
def form_count(language: str) -> int:
    """How many plural forms the language has."""
    return read_header(plural_header(language))[0]


def read_header(header: str) -> tuple[int, Callable[[int], int]]:
    """Count of forms and the function of a `Plural-Forms` header; raises `ValueError` when it is none."""
    parts = dict(part.split("=", 1) for part in header.replace(" ", "").split(";") if "=" in part)
    if not parts.get("nplurals", "").isdecimal() or "plural" not in parts:
        raise ValueError("no plural header")
    count, function = int(parts["nplurals"]), gettext.c2py(parts["plural"])
    if count == 0 or any(not 0 <= function(n) < count for n in range(1001)):
        raise ValueError("a plural header that names a form it does not have")
    return count, function
