"""What an author can do to the files of a draft: each act a value, so that it can be sent, kept, tried again and merged.

Rule 1: an edit names its place by names, never by a line: two authors at different places of one file never hinder each other.
Rule 2: an edit says what its author saw there (`was`); if another stands there now it is a clash, and both wordings are kept.

A path is the keys from the top of a file. An item of a list is `@name` (a step by its name, a page by its name, a row of a table by
its first value) or `#0`, `#1` … by its place: `("steps", "@fear", "text")`, `("contacts", "iom-dz", "phone", "#0")`.
"""

from typing import Any, TypeAlias

from msgspec import Struct

Path: TypeAlias = tuple[str, ...]
Value: TypeAlias = str | list[Any] | dict[str, Any]
"""A value as YAML has it (`bot.flow.tree.Plain`): texts, lists and mappings of them."""


class SetText(Struct, frozen=True, tag="text"):
    """Writes a text of this id in a language: in its file if it is the source, in the catalog else. `was`: as its author saw it."""

    id: str
    language: str
    text: str
    was: str
    forms: tuple[str, ...] = ()
    """All plural forms, for a text that counts; `text` and `was` are then the first."""


class Confirm(Struct, frozen=True, tag="confirm"):
    """Says that a stale translation still holds: the meaning of the source is unchanged. `was`: the source it was looked at with."""

    id: str
    language: str
    was: str


class SetValue(Struct, frozen=True, tag="value"):
    """Writes what stands at a path of a file. None: nothing; `value` None takes the key or item away, `was` None adds it."""

    file: str
    path: Path
    value: Value | None
    was: Value | None


class AddStep(Struct, frozen=True, tag="add-step"):
    """Puts a step into a flow below the step `after` (its key; empty: at the top). `texts`: language → id → text, for the catalogs."""

    flow: str
    after: str
    step: dict[str, Value]
    texts: dict[str, dict[str, str]] = {}


class MoveStep(Struct, frozen=True, tag="move-step"):
    """Moves a step, with the comments that stand above it, below the step `after` (empty: to the top)."""

    flow: str
    step: str
    after: str


class RemoveStep(Struct, frozen=True, tag="remove-step"):
    """Takes a step away, with the comments that stand above it; its translations are put by."""

    flow: str
    step: str


class RenameStep(Struct, frozen=True, tag="rename-step"):
    """Gives a step another name everywhere in its flow and in the tests; its translations go with it."""

    flow: str
    step: str
    to: str


class RenameFlow(Struct, frozen=True, tag="rename-flow"):
    """Gives a flow another name wherever it is meant; its translations and its tests go with it."""

    flow: str
    to: str


class WriteFile(Struct, frozen=True, tag="file"):
    """Writes a whole file. `base`: the text its author began with, None for a new one; what others changed since is merged by lines."""

    file: str
    text: str
    base: str | None


class RemoveFile(Struct, frozen=True, tag="remove-file"):
    """Takes a flow or a test away. `was`: its text as its author saw it."""

    file: str
    was: str


Edit: TypeAlias = SetText | Confirm | SetValue | AddStep | MoveStep | RemoveStep | RenameStep | RenameFlow | WriteFile | RemoveFile


class Clash(Struct, frozen=True):
    """An edit that was not made. `why`: `changed` another stands there now (`theirs`), `gone` its place is no more, `form` it cannot be.

    `mine`: the words that were not written, so that a page can give them back.
    """

    why: str
    edit: Edit
    mine: str = ""
    theirs: str = ""
