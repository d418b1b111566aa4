"""What comes of an edit: the bundle with a file as it is then, its catalogs brought along; or a clash with its words."""

import json
from collections.abc import Mapping

from bot.flow.bundle import Bundle
from bot.flow.source import MAX_BYTES
from bot.flow.tree import Plain
from bot.studio.editing.catalogs import brought_along
from bot.studio.editing.edits import Clash, Edit


def with_file(bundle: Bundle, edit: Edit, file: str, text: str, mine: str, *, names: Mapping[str, str] | None = None) -> Bundle | Clash:
    """The bundle with this file, unless it is too big. `mine`: the words, for a clash; `names`: ids that were given another name."""
    if file.endswith(".yaml") and len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return Clash("form", edit, mine, f"{file}:1:1: yaml: a file holds at most {MAX_BYTES // 1024} kB")
    after = bundle.with_file(file, text)
    return brought_along(bundle, after, names) if file.endswith(".yaml") else after


def shown(value: "Plain | None") -> str:
    """A value in words that can be given back."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)
