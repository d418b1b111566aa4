"""The words of a bundle by language, as they stand: also those that are missing, stale or not yet whole.

Rule 1: nothing needs to compile; a text is asked for by its id and its source.
Rule 2: a stale translation is shown as it is, and said to be stale: its author decides.
"""

import re
from collections.abc import Mapping

from msgspec import Struct

from bot.flow.bundle import Bundle
from bot.flow.tree import Node, Plain, find, plain, text_at
from bot.studio.bundle.contents import catalog_of, tree_of

_SENTENCE = re.compile(r"(?<=[.?!؟])\s+|\n+")
_SHORT = 60


class Text(Struct, frozen=True):
    """One text that can be written. `at`: its path in its step. `state`: language → `missing` or `stale`, of those that are."""

    id: str
    at: str
    says: Mapping[str, str]
    state: Mapping[str, str] = {}

    def best(self, language: str) -> str:
        """Give it in this language, else in the source (the first there is)."""
        return self.says.get(language) or next((said for said in self.says.values() if said), "")


class Sayings:
    """The texts of one bundle."""

    def __init__(self, bundle: Bundle) -> None:
        path = "flows/bot.yaml"
        self._bot: Node | None = tree_of(path, bundle[path]) if path in bundle else None
        listed = plain(found) if self._bot is not None and (found := find(self._bot, ("languages",))) is not None else []
        self.source = text_at(self._bot, "source") or "en"
        named = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
        self.languages: tuple[str, ...] = tuple(dict.fromkeys((self.source, *named)))
        self._catalogs = {language: catalog_of(bundle, language) for language in self.languages if language != self.source}

    @property
    def sets(self) -> dict[str, Plain]:
        """Sets of choices of bot.yaml by name."""
        node = find(self._bot, ("answers",)) if self._bot is not None else None
        found = plain(node) if node is not None else {}
        return found if isinstance(found, dict) else {}

    def text(self, id_: str, at: str, source: str) -> Text:
        """Give a text in all languages."""
        says, state = {self.source: source.strip("\n ")}, {}
        for language, catalog in self._catalogs.items():
            entry = catalog.entries.get(id_) if catalog is not None else None
            says[language] = entry.forms[0] if entry is not None and entry.forms else ""
            if entry is None or not entry.forms or not entry.forms[0]:
                state[language] = "missing"
            elif entry.fuzzy or entry.source.strip("\n ") != says[self.source]:
                state[language] = "stale"
        return Text(id_, at, says, state if source.strip() else {})

    def engine(self, key: str) -> Text:
        """Give what the machine itself says."""
        return self.text(f"bot.{key}", "", text_at(self._bot, "texts", key) or key)

    def of_set(self, name: str, key: str, source: str) -> Text:
        """Give a choice of a set."""
        return self.text(f"answers.{name}.{key}", "", source)


def short(text: str) -> str:
    """Give the sentence that a text is known by: its question, else its first; at most some sixty characters."""
    sentences = [part.strip() for part in _SENTENCE.split(text) if part.strip()]
    told = next((each for each in sentences if each.endswith(("?", "؟"))), sentences[0] if sentences else "")
    return told if len(told) <= _SHORT else told[:_SHORT].rsplit(" ", 1)[0] + "…"
