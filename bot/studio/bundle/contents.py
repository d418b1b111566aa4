"""What a draft holds at a glance: its flows by name and title.

Rule 1: it gives as much as can be read of files that are wrong; a flow whose title cannot be read is called by its name.
"""

from functools import lru_cache

from msgspec import Struct

from bot.flow.bundle import Bundle, flow_name
from bot.flow.source import read_yaml
from bot.flow.tree import Node, text_at
from bot.i18n.catalog import Catalog, CatalogError, read_catalog


class FlowEntry(Struct, frozen=True):
    """One flow of a draft: its name and what staff call it."""

    name: str
    title: str


def contents(bundle: Bundle, language: str) -> tuple[FlowEntry, ...]:
    """Give the flows of a bundle by title in this language, in the order of their files."""
    catalog = catalog_of(bundle, language)
    return tuple(_entry(bundle, path, catalog) for path in bundle.flow_paths())


def _entry(bundle: Bundle, path: str, catalog: Catalog | None) -> FlowEntry:
    name = flow_name(path)
    source = text_at(tree_of(path, bundle[path]), "title")
    said = catalog.entries.get(f"{name}:title") if catalog else None
    return FlowEntry(name, said.forms[0] if said is not None and said.is_done else (source or name).strip())


def catalog_of(bundle: Bundle, language: str) -> Catalog | None:
    """Give the catalog of a language; None if there is none, or none that can be read."""
    path = bundle.catalog_paths().get(language)
    return None if path is None else _catalog(bundle[path], language)


@lru_cache(maxsize=12)
def _catalog(text: str, language: str) -> Catalog | None:
    try:
        return read_catalog(text, language)
    except CatalogError:
        return None


@lru_cache(maxsize=256)
def tree_of(path: str, text: str) -> Node | None:
    """Give the tree of a file; None if it cannot be read."""
    return read_yaml(path, text)[0]
