"""The places `{name}` of a text, which values fill.

Rule 1: `{name}` is all there is: no format, no attribute, no escape; any other brace is an author's mistake.
"""

import re

_NAME = re.compile(r"\{([a-z][a-z0-9-]*(?:\.[A-Za-z0-9-]+)*)\}")


def cut(text: str) -> tuple[str, ...]:
    """The text in pieces: words, name, words, name, words; always an odd number, names at odd places."""
    return tuple(_NAME.split(text))


def placeholders(text: str) -> frozenset[str]:
    """The names in the text."""
    return frozenset(_NAME.findall(text))


def has_stray_brace(text: str) -> bool:
    """Whether a brace stands in the text that is no `{name}`."""
    rest = _NAME.sub("", text)
    return "{" in rest or "}" in rest


def placeholder_fault(source: str, translation: str) -> str | None:
    """What is wrong with the places of a translation, as a sentence for its translator; None when nothing is."""
    if has_stray_brace(translation):
        return "a brace is no {name}"
    wanted, given = placeholders(source), placeholders(translation)
    missing, unknown = sorted(wanted - given), sorted(given - wanted)
    if unknown:
        return f"{{{unknown[0]}}} is not in the source" + (f"; {{{missing[0]}}} is" if missing else "")
    return f"{{{missing[0]}}} is missing" if missing else None
