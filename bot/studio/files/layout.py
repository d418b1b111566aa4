"""How a careful person lays a file out: which key stands after which, what is written line by line, what in brackets.

Rule 1: this says only how things look; what may stand where is the model's.
"""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from bot.flow.bundle import FLOWS, NOT_FLOWS, flow_name
from bot.flow.language import WORDS
from bot.flow.model import PageModel, RowModel, keys_of
from bot.flow.model_service import BotModel, ContactModel, CountryModel, ReplyModel, TeamModel

Place: TypeAlias = tuple[str, ...]
"""A kind of place in a file, as `("flow", "steps", "*", "text")`."""
# fmt: off
STEP: Final = (
    "if", *(word for word in WORDS if word not in ("go", "call")), "label", "to", "with", "need", "shows", "in", "urgency", "after",
    "max", "none", "rows", "text", "choices", "many", "number", "date", "country", "place", "hours", "language", "free", "list", "no",
    "keep", "private", "heard", "skip", "once", "otherwise", "help", "listen", "call", "go", "source",
)
# fmt: on
"""The keys of a step in the order that flows use: its word, its text, the kind of answer, how it is asked, where it leads."""
_FLOW: Final = ("flow", "title", "sensitive", "only-from", "steps")
_ORDERS: Final[Mapping[tuple[str, ...], tuple[str, ...]]] = {
    ("flow",): _FLOW,
    ("flow", "steps", "*"): STEP,
    ("flow", "steps", "*", "rows", "*"): keys_of(RowModel),
    ("flow", "steps", "*", "list", "*"): keys_of(PageModel),
    ("bot",): keys_of(BotModel),
    ("bot", "countries", "*"): keys_of(CountryModel),
    ("directory",): ("needs", "contacts"),
    ("directory", "contacts", "*"): keys_of(ContactModel),
    ("directory", "contacts", "*", "hours", "*"): ("days", "open"),
    ("teams",): ("calendar", "teams"),
    ("teams", "calendar", "*"): ("weekend", "ramadan", "holidays"),
    ("teams", "teams", "*"): keys_of(TeamModel),
    ("teams", "teams", "*", "hours", "*", "*"): ("days", "open"),
    ("teams", "teams", "*", "ramadan", "*", "*"): ("days", "open"),
    ("replies", "replies", "*"): keys_of(ReplyModel),
    ("words", "danger", "*"): ("flow", "leave", "words", "unless"),
}
_SENTENCES: Final = frozenset(
    (
        ("flow", "title"), ("flow", "steps", "*", "text"), ("flow", "steps", "*", "label"), ("flow", "steps", "*", "help"),
        ("flow", "steps", "*", "none"), ("flow", "steps", "*", "choices", "*"), ("flow", "steps", "*", "list", "*", "text"),
        ("bot", "name"), ("bot", "org"), ("bot", "answers", "*", "*"), ("bot", "countries", "*", "name"),
        ("bot", "countries", "*", "places", "*"), ("bot", "texts", "*"), ("teams", "teams", "*", "name"),
        ("directory", "contacts", "*", "name"), ("directory", "contacts", "*", "who-answers"), ("directory", "contacts", "*", "may-follow"),
        ("directory", "contacts", "*", "cost"), ("directory", "contacts", "*", "address"),
        ("replies", "replies", "*", "title"), ("replies", "replies", "*", "text"),
    )
)  # fmt: skip
_LINE_BY_LINE: Final = frozenset(
    (
        ("flow",), ("flow", "steps"), ("flow", "steps", "*"), ("flow", "steps", "*", "choices"), ("flow", "steps", "*", "rows"),
        ("flow", "steps", "*", "list"), ("flow", "steps", "*", "list", "*"),
        ("bot",), ("bot", "answers"), ("bot", "countries"), ("bot", "countries", "*"), ("bot", "texts"), ("bot", "wording"),
        ("bot", "wording", "promise"), ("bot", "wording", "not-first"),
        ("directory",), ("directory", "contacts"), ("directory", "contacts", "*"),
        ("teams",), ("teams", "calendar"), ("teams", "calendar", "*"), ("teams", "teams"), ("teams", "teams", "*"),
        ("teams", "teams", "*", "hours"), ("teams", "teams", "*", "ramadan"),
        ("replies",), ("replies", "replies"), ("replies", "replies", "*"), ("sources",), ("sources", "sources"),
        ("words",), ("words", "global"), ("words", "global", "*"), ("words", "danger"), ("words", "danger", "*"),
        ("words", "danger", "*", "words"), ("words", "danger", "*", "unless"), ("words", "answers"), ("words", "answers", "*"),
    )
)  # fmt: skip
NAMED_KEYS: Final = frozenset(
    (
        ("flow", "steps", "*", "choices"), ("flow", "steps", "*", "go"), ("flow", "steps", "*", "call"),
        ("bot", "answers"), ("bot", "answers", "*"), ("bot", "countries"), ("bot", "countries", "*", "places"), ("bot", "texts"),
        ("bot", "hours"), ("directory", "contacts"), ("teams", "calendar"), ("teams", "teams"), ("teams", "teams", "*", "hours"),
        ("teams", "teams", "*", "ramadan"), ("replies", "replies"), ("words", "danger"), ("words", "answers"),
    )
)  # fmt: skip
"""Mappings whose keys are names given by authors."""


def pattern(file: str, path: Sequence[str]) -> Place:
    """The kind of place: names and numbers become `*`, so that places of one kind are alike."""
    name = flow_name(file) if file.startswith(FLOWS) else file
    at: Place = (name if name in NOT_FLOWS else "flow",)
    for part in path:
        at = below(at, part)
    return at


def below(place: Place, part: str) -> Place:
    """The kind of place that a key or an item of this one is."""
    return (*place, "*" if place in NAMED_KEYS or part.startswith(("@", "#")) else part)


def order_of(place: Place) -> tuple[str, ...]:
    """The keys of a mapping of that kind in the order they are written; nothing when authors order it."""
    return _ORDERS.get(place, ())


def is_sentence(place: Place) -> bool:
    """Whether a text for people stands there, and not a word of the language."""
    return place in _SENTENCES


def is_line_by_line(place: Place) -> bool:
    """Whether a list or mapping there is written over several lines where the file has no example."""
    return place in _LINE_BY_LINE
