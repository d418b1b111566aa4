"""Which keys and fixed values may stand at a place of a file, by the model of the language: for completion and for help.

Rule 1: nothing here is written twice: what a key is called, and which values it takes, is read from the models.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, Literal, get_args, get_origin

from bot.flow.bundle import FLOWS, NOT_FLOWS
from bot.flow.language import BARE_WORDS, WORDS
from bot.flow.model import STEP_MODELS, FlowModel, Model
from bot.flow.model_service import BotModel, DirectoryModel, RepliesModel, SourcesModel, TeamsModel, WordsModel

_FILES: Final[Mapping[str, type[Model]]] = MappingProxyType(
    {
        "bot": BotModel, "words": WordsModel, "directory": DirectoryModel, "teams": TeamsModel, "sources": SourcesModel,
        "replies": RepliesModel,
    }
)  # fmt: skip
_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def kind_of(file: str) -> str:
    """What a file is: `flow`, `bot`, `words` …, `chat`, `catalog`."""
    if file.endswith(".chat"):
        return "chat"
    if file.endswith(".po"):
        return "catalog"
    name = file.removeprefix(FLOWS).removesuffix(".yaml")
    return name if name in NOT_FLOWS else "flow"


def word_of(step: Mapping[str, str]) -> str:
    """The word of the step that these keys stand in, or nothing while it has none."""
    return next((word for word in WORDS if word in step), "")


def place(kind: str, path: tuple[str, ...], word: str) -> tuple[str, ...]:
    """The path as the tables of completion and help name it: the word, or the file, and what comes below it."""
    if kind == "flow" and path[:2] == ("steps", "#"):
        return (word, *path[2:])
    return (kind, *path)


def keys_at(kind: str, path: tuple[str, ...], word: str) -> tuple[str, ...]:
    """The keys that may stand in the mapping at this path; none where authors choose the keys or where there is no mapping."""
    model = _model(kind, path, word)
    if model is None:
        return WORDS if kind == "flow" and path == ("steps", "#") else ()
    return tuple(key for key in _aliases(model) if key not in WORDS or key != word or path[2:])


def values_at(kind: str, path: tuple[str, ...], word: str) -> tuple[str, ...]:
    """The closed list of values that the key at the end of the path takes; none if it is open."""
    if kind == "flow" and path == ("steps", "#"):
        return BARE_WORDS
    at = [part for part in path if part != "#"]
    model = _model(kind, path[: _last(path)], word) if at else None
    annotation = _annotation(model, at[-1]) if model is not None else None
    return () if annotation is None else tuple(dict.fromkeys(_literals(annotation)))


def help_at(kind: str, path: tuple[str, ...], word: str, key: str) -> str:
    """The name under which a key is explained: the kind of mapping it stands in, and the key."""
    model = _model(kind, path, word)
    if key == "if" and word:
        return "step.if" if path == ("steps", "#") else "row.if"
    if model is None:
        return f"{key}.{key}"
    return f"{_CAPITAL.sub('-', model.__name__.removesuffix('Model')).lower()}.{key}"


def _last(path: tuple[str, ...]) -> int:
    """Where the last key of the path stands."""
    return max(number for number, part in enumerate(path) if part != "#")


@cache
def _model(kind: str, path: tuple[str, ...], word: str) -> type[Model] | None:
    """The model of the mapping at this path, if the language names its keys."""
    if kind == "flow" and path[:2] == ("steps", "#"):
        return _down(STEP_MODELS.get(word), path[2:])
    return _down(FlowModel if kind == "flow" else _FILES.get(kind), path)


def _down(model: type[Model] | None, path: tuple[str, ...]) -> type[Model] | None:
    at: object = model
    for part in path:
        if isinstance(at, type) and issubclass(at, Model):
            at = _annotation(at, part)
        elif part == "#":
            at = _inner(at, list)
        else:
            at = _inner(at, dict)
        if at is None:
            return None
    return next(_models(at), None) if not _is_table(at) else None


def _annotation(model: type[Model], key: str) -> object | None:
    return next((field.annotation for name, field in model.model_fields.items() if (field.alias or name) == key), None)


def _aliases(model: type[Model]) -> list[str]:
    return [str(field.alias or name) for name, field in model.model_fields.items()]


def _inner(annotation: object, of: type) -> object | None:
    """What a list holds, or what stands below the keys of a mapping; a list may stand for one of it."""
    for part in _parts(annotation):
        origin = get_origin(part)
        if of is dict and origin is dict:
            return get_args(part)[1]  # type: ignore[no-any-return]
        if of is list and origin in (tuple, list, frozenset):
            return get_args(part)[0]  # type: ignore[no-any-return]
    return None


def _is_table(annotation: object) -> bool:
    return any(get_origin(part) in (dict, tuple, list) for part in _parts(annotation)) and not any(
        isinstance(part, type) and issubclass(part, Model) for part in _parts(annotation) if get_origin(part) is None
    )


def _parts(annotation: object) -> Iterator[object]:
    """An annotation without `Annotated`, and each side of a union."""
    if hasattr(annotation, "__metadata__"):
        yield from _parts(get_args(annotation)[0])
    elif get_origin(annotation) in (dict, tuple, list, frozenset, Literal) or isinstance(annotation, type):
        yield annotation
    else:
        for part in get_args(annotation):
            yield from _parts(part)


def _models(annotation: object) -> Iterator[type[Model]]:
    for part in _parts(annotation):
        if isinstance(part, type) and get_origin(part) is None and issubclass(part, Model):
            yield part


def _literals(annotation: object) -> Iterator[str]:
    for part in _parts(annotation):
        if get_origin(part) is Literal:
            yield from (str(value) for value in get_args(part))
        elif part is bool:
            yield from ("yes", "no")
        elif get_origin(part) in (tuple, list):
            yield from _literals(get_args(part)[0])
