"""A bundle: the files of one revision, immutable and named by what is in them.

Rule 1: two bundles with the same contents are equal and have the same full name, in whatever order they were read.
Rule 2: only paths that a bundle may hold are in it; nothing else of a folder is taken.
"""

import hashlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from typing_extensions import override

FLOWS: Final = "flows/"
TESTS: Final = "flows/tests/"
NAME: Final = 32
"""Hexadecimal digits of a revision's name: an approver's yes rests on it, so nobody may find two contents of one name."""
OLD_NAME: Final = 16
"""The same of revisions made before 2026.12, which keep their names."""
SHOWN: Final = 12
"""So many digits are shown where a whole name would hurt."""
NOT_FLOWS: Final = ("bot", "words", "directory", "teams", "sources", "replies")
"""Names of the files in `flows/` that are no flows."""


class Bundle(Mapping[str, str]):
    """Path → text, as `flows/return.yaml`, `flows/tests/x.chat`, `locales/fr/LC_MESSAGES/flows.po`."""

    __slots__ = ("_files", "full", "revision")

    def __init__(self, files: Mapping[str, str], known_as: str = "") -> None:
        self._files = MappingProxyType(dict(sorted(files.items())))
        self.full: Final = _revision(self._files)
        """32 hexadecimal digits that name exactly these contents."""
        if not self.full.startswith(known_as):
            raise ValueError(known_as)
        self.revision: Final = known_as or self.full
        """The name that it goes by: the full one, or the shorter one under which it was kept before 2026.12."""

    @override
    def __getitem__(self, path: str) -> str:
        return self._files[path]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    @override
    def __len__(self) -> int:
        return len(self._files)

    @override
    def __hash__(self) -> int:
        return hash(self.full)

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bundle) and self.full == other.full

    @override
    def __repr__(self) -> str:
        return f"Bundle({self.revision}, {len(self)} files)"

    @override
    def __reduce__(self) -> tuple[type["Bundle"], tuple[dict[str, str], str]]:
        """Let it be sent to another process."""
        return Bundle, (dict(self._files), self.revision)

    def goes_by(self, name: str) -> bool:
        """Whether this is the whole name of this revision, or the shorter one that was given before 2026.12."""
        return len(name) in (OLD_NAME, NAME) and self.full.startswith(name)

    def with_file(self, path: str, text: str) -> "Bundle":
        """This bundle with one file written anew."""
        return Bundle({**self._files, path: text})

    def without_file(self, path: str) -> "Bundle":
        """This bundle without one file."""
        return Bundle({name: text for name, text in self._files.items() if name != path})

    def flow_paths(self) -> tuple[str, ...]:
        """The paths of the flows."""
        others = {f"{FLOWS}{name}.yaml" for name in NOT_FLOWS}
        return tuple(path for path in self if _is_flow_file(path) and path not in others)

    def test_paths(self) -> tuple[str, ...]:
        """The paths of the tests."""
        return tuple(path for path in self if path.startswith(TESTS) and path.endswith(".chat"))

    def catalog_paths(self) -> dict[str, str]:
        """Language → path of the catalog of what people receive."""
        return {path.split("/")[1]: path for path in self if path.startswith("locales/") and path.endswith("/LC_MESSAGES/flows.po")}


def belongs(path: str) -> bool:
    """Whether a file of this path is part of a bundle."""
    if path.startswith(TESTS):
        return path.endswith(".chat") and "/" not in path.removeprefix(TESTS)
    return _is_flow_file(path) or (path.startswith("locales/") and path.endswith(".po"))


def flow_name(path: str) -> str:
    """`flows/return.yaml` → `return`."""
    return path.removeprefix(FLOWS).removesuffix(".yaml")


def _is_flow_file(path: str) -> bool:
    return path.startswith(FLOWS) and path.endswith(".yaml") and "/" not in path.removeprefix(FLOWS)


def _revision(files: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for path, text in files.items():
        for part in (path, text):
            data = part.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:NAME]
