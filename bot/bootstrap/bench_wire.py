"""What goes to the bench and comes back: calls by name, bundles by what differs, answers as plain values.

Rule 1: a bundle that the other side has is named, not sent; one that it has nearly is sent as the files that differ.
Rule 2: both sides forget the same bundles at the same moment, so neither has to ask.
Rule 3: of an answer only values of the studio and the usual ones are made: who sends it has read what anybody may have written.
"""

import builtins
import importlib
import pickle  # noqa: TID251 the one place: what comes back is read by `plain_values`, which makes values and runs nothing
from io import BytesIO
from typing import Any, Final

from typing_extensions import override

from bot.flow.bundle import Bundle

KEPT: Final = 8
"""Bundles that the other side has, the longest unused forgotten first."""
_ROOMS: Final = ("bot.flow.", "bot.checks.", "bot.studio.", "bot.i18n.", "bot.engine.", "bot.web.studio.")
_USUAL: Final = {
    "builtins": frozenset({"set", "frozenset", "complex", "slice", "range", "object"}),
    "datetime": frozenset({"date", "datetime", "time", "timedelta", "timezone"}),
    "collections": frozenset({"OrderedDict", "defaultdict", "Counter", "deque"}),
    "msgspec._core": frozenset({"rebuild"}),
    "msgspec._utils": frozenset({"rebuild"}),
}


class Shelf:
    """The bundles that both sides have."""

    def __init__(self) -> None:
        self._held: dict[str, Bundle] = {}

    def used(self, revision: str) -> Bundle | None:
        """Give a bundle that is held, and hold it longer."""
        bundle = self._held.pop(revision, None)
        if bundle is not None:
            self._held[revision] = bundle
        return bundle

    def put(self, bundle: Bundle) -> None:
        """Hold one more."""
        self._held[bundle.full] = bundle
        while len(self._held) > KEPT:
            self._held.pop(next(iter(self._held)))

    def nearest(self, bundle: Bundle) -> tuple[str, dict[str, str], tuple[str, ...]]:
        """Give the held revision that differs least (empty: none), the files that differ, and those that are gone."""
        best: tuple[str, dict[str, str], tuple[str, ...]] = ("", dict(bundle), ())
        for revision, held in reversed(self._held.items()):
            changed = {path: text for path, text in bundle.items() if held.get(path) != text}
            if len(changed) < len(best[1]):
                best = (revision, changed, tuple(path for path in held if path not in bundle))
        return best

    def rebuilt(self, revision: str, changed: dict[str, str], gone: tuple[str, ...]) -> Bundle:
        """Give the bundle that `nearest` told about."""
        base = self._held[revision] if revision else {}
        return Bundle({**{path: text for path, text in base.items() if path not in gone}, **changed})


class Sent:
    """The sender's side."""

    def __init__(self) -> None:
        self._shelf = Shelf()

    def packed(self, call: object) -> bytes:
        """Give the bytes of a call; raises what pickling raises, and then this side must be begun anew."""
        out = BytesIO()
        _Packer(out, self._shelf).dump(call)
        return out.getvalue()


class Received:
    """The receiver's side."""

    def __init__(self) -> None:
        self._shelf = Shelf()

    def call(self, data: bytes) -> Any:
        """Give the call of these bytes."""
        return _Unpacker(BytesIO(data), self._shelf).load()


class _Packer(pickle.Pickler):
    def __init__(self, out: BytesIO, shelf: Shelf) -> None:
        super().__init__(out, pickle.HIGHEST_PROTOCOL)
        self._shelf = shelf

    @override
    def persistent_id(self, obj: Any) -> Any:
        if not isinstance(obj, Bundle):
            return None
        if self._shelf.used(obj.full) is not None:
            return (obj.full,)
        told = self._shelf.nearest(obj)
        self._shelf.put(obj)
        return told


class _Unpacker(pickle.Unpickler):
    def __init__(self, data: BytesIO, shelf: Shelf) -> None:
        super().__init__(data)
        self._shelf = shelf

    @override
    def persistent_load(self, pid: Any) -> Bundle:
        if len(pid) == 1:
            bundle = self._shelf.used(pid[0])
            if bundle is None:
                raise pickle.UnpicklingError(pid[0])
            return bundle
        bundle = self._shelf.rebuilt(*pid)
        self._shelf.put(bundle)
        return bundle


class NoValue(Exception):
    """Something that is more than a value, or no bytes of an answer at all."""


def answer(given: object, *, raised: bool = False, leaves: bool = False) -> bytes:
    """Give the bytes of an answer; raises what pickling raises."""
    return pickle.dumps((raised, given, leaves), pickle.HIGHEST_PROTOCOL)


def plain_values(data: bytes) -> tuple[bool, Any, bool]:
    """Give the answer of these bytes; raises `NoValue` for anything that is more than values."""
    try:
        raised, given, leaves = _Plain(BytesIO(data)).load()
    except Exception as error:
        raise NoValue from error
    return bool(raised), given, bool(leaves)


class _Plain(pickle.Unpickler):
    @override
    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if global_name in _USUAL.get(module_name, ()):
            return getattr(importlib.import_module(module_name), global_name)
        if module_name == "builtins":
            found = getattr(builtins, global_name, None)
            if isinstance(found, type) and issubclass(found, Exception):
                return found
        if module_name.startswith(_ROOMS) and "." not in global_name:
            found = getattr(importlib.import_module(module_name), global_name, None)
            if isinstance(found, type) and found.__module__ == module_name:  # made there, not only used there
                return found
        raise pickle.UnpicklingError(f"{module_name}.{global_name} is no plain value")
