"""What flows, steps, choices and the rest are called, as people read them, in every language that has the words.

Rule 1: a name is the text that people see (a title, a question, a label, a button), cut short; its id goes with it.
Rule 2: this works on any bundle, however broken: what cannot be read has its id for a name.
"""

from collections.abc import Mapping
from typing import Final

from bot.flow.bundle import Bundle
from bot.flow.draft import Draft, DraftFlow, DraftStep
from bot.flow.tree import Plain, plain
from bot.i18n.catalog import Catalog
from bot.studio.bundle.compiled import compiled
from bot.studio.bundle.said import short
from bot.studio.comparing.changes import Called, Value, Words, listed

_ENGINE: Final[Mapping[str, str]] = {"skip": "bot.skip", "skipped": "bot.skip", "yes": "bot.yes", "no": "bot.no"}


class Names:
    """A bundle that was read, with its texts by language and id, and names for what is in it."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        read = compiled(bundle)
        self.draft: Draft = read.draft
        self.source = self.draft.bot.source if self.draft.bot is not None else "en"
        self.catalogs: Mapping[str, Catalog] = read.catalogs
        self.texts = {text.id: text.text for text in self.draft.texts}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages, the source first."""
        named = self.draft.bot.languages if self.draft.bot is not None else ()
        return tuple(dict.fromkeys((self.source, *named, *self.catalogs)))

    def said(self, id_: str) -> dict[str, str]:
        """Language → the text of this id, cut short; a stale translation still names a thing better than another language does."""
        found = {}
        for language in self.languages:
            text = self.texts.get(id_, "") if language == self.source else self._translated(id_, language)
            if text:
                found[language] = short(text)
        return found

    def _translated(self, id_: str, language: str) -> str:
        entry = self.catalogs[language].entries.get(id_) if language in self.catalogs else None
        return entry.forms[0] if entry is not None and entry.forms else ""

    def text(self, id_: str, shown: str) -> Called:
        """A name by the id of a text; `shown` is the id that stands beside."""
        return Called(shown, self.said(id_))

    def flow(self, name: str) -> Called:
        """A flow by its title."""
        return self.text(f"{name}:title", name)

    def step(self, flow: str, key: str) -> Value:
        """A step: its words, or what it does."""
        there = self.draft.flows.get(flow)
        found = there.step(key) if there is not None else None
        if found is None:
            return Called(key)
        said = self.said(found.id) or (self.said(f"{found.id}.{_first_page(found)}") if found.word == "pages" else {})
        if said:
            return Called("" if key.startswith("#") else key, said)
        return self._wordless(flow, found)

    def _wordless(self, flow: str, step: DraftStep) -> Value:
        node = plain(step.node)
        values = node if isinstance(node, dict) else {}
        name = Called("" if step.key.startswith("#") else step.key)
        match step.word:
            case "go" | "call":
                return Words(f"difference.step.{step.word}", {"to": self.target(flow, str(values.get(step.word, "")))})
            case "handoff":
                return Words("difference.step.handoff", {"name": name})
            case "set":
                return Words("difference.step.set", {"answer": self.answer(flow, str(values.get("set", "")))})
            case "decide" | "contacts" | "forget" | "end" | "leave":
                return Words(f"difference.step.{step.word}", {"name": name})
            case _:
                return name

    def target(self, flow: str, to: str) -> Value:
        """Where something leads: a step of the flow, another flow, or an end."""
        there = self.draft.flows.get(flow)
        if there is not None and there.step(to) is not None:
            return self.step(flow, to)
        if to in self.draft.flows:
            return Words("difference.to.flow", {"flow": self.flow(to)})
        return Words(f"difference.to.{to}") if to in ("end", "leave") else Called(to)

    def below(self, flow: str, key: str) -> Value:
        """The step below that one, where a path goes on by itself."""
        there = self.draft.flows.get(flow)
        step = there.step(key) if there is not None else None
        if there is None or step is None or step.index + 1 >= len(there.steps):
            return Words("difference.to.end")
        return Words("difference.to.next", {"step": self.step(flow, there.steps[step.index + 1].key)})

    def answer(self, flow: str, name: str) -> Value:
        """An answer by its label, else by its question; the built-in ones by what they are."""
        if name in ("language", "now", "heard"):
            return Words(f"difference.answer.{name}")
        if name.startswith("team."):
            return Words("difference.answer.team", {"team": self.team(name.removeprefix("team."))})
        for id_ in self._asked(flow, name):
            said = self.said(f"{id_}:label") or self.said(id_)
            if said:
                return Called(name, said)
        return Called(name)

    def choice(self, flow: str, ask: str, key: str) -> Value:
        """One choice of a question by what stands on its button."""
        for id_ in self._asked(flow, ask):
            set_ = self._choices(id_)
            said = self.said(f"answers.{set_}.{key}" if isinstance(set_, str) else f"{id_}.{key}")
            if said:
                return Called(key, said)
        if ask.startswith("team."):
            return Words(f"difference.team.{key}") if key in ("open", "closed") else Called(key)
        ids = {"now": f"hours.{key}", "country": f"countries.{key}"}
        said = self.said(ids.get(ask, "")) or self.said(_ENGINE.get(key, ""))
        return Called(key, said)

    def _choices(self, id_: str) -> "Plain | None":
        flow, _, key = id_.partition(".")
        step = self.draft.flows[flow].step(key)
        node = plain(step.node) if step is not None else None
        return node.get("choices") if isinstance(node, dict) else None

    def _asked(self, flow: str, name: str) -> tuple[str, ...]:
        """Ids of the questions of that name: of this flow, else of any (a shared answer)."""
        own, others = self.draft.flows.get(flow), self.draft.flows.values()
        return tuple(step.id for each in (own, *others) if each is not None and (step := _question(each, name)) is not None)

    def choice_set(self, name: str) -> Value:
        """A set of choices of bot.yaml by what stands on its buttons."""
        listed_ = self.draft.bot.answers.get(name) if self.draft.bot is not None else None
        return listed([Called(key, self.said(f"answers.{name}.{key}")) for key in listed_]) if listed_ else Called(name)

    def team(self, id_: str) -> Called:
        """A team by its name."""
        return self.text(f"teams.{id_}:name", id_)

    def contact(self, id_: str) -> Called:
        """A contact by its name."""
        return self.text(f"directory.{id_}:name", id_)

    def country(self, code: str) -> Called:
        """A country by its name."""
        return self.text(f"countries.{code}", code)


def _question(flow: DraftFlow, name: str) -> DraftStep | None:
    step = flow.step(name)
    return step if step is not None and step.word in ("ask", "consent") else None


def _first_page(step: DraftStep) -> str:
    node = plain(step.node)
    pages = node.get("list") if isinstance(node, dict) else None
    first = pages[0] if isinstance(pages, list) and pages else None
    return str(first.get("page", "")) if isinstance(first, dict) else ""
