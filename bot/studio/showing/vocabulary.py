"""What a condition or a form of a flow can name: questions and their answers, teams, contacts, needs, sources, sets of answers.

Rule 1: what is offered is what the checks accept: own answers, shared ones, and those the machine knows.
Rule 2: each thing is called as people read it, in the language of who reads.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from bot.flow.bundle import FLOWS, Bundle, flow_name
from bot.flow.language import TYPE_KEYS
from bot.flow.tree import Items, Plain, find, plain
from bot.studio.bundle.contents import contents, tree_of
from bot.studio.bundle.said import Sayings, short
from bot.studio.showing.script import key_of, word_of

YES_NO = ("yes", "no")


class Named(Struct, frozen=True):
    """Something that can be chosen: how files name it, and how people read it."""

    name: str
    title: str


class Asked(Struct, frozen=True):
    """An answer that a condition can ask about. `kind`: `one many number date free`; `values`: those it can have, closed or not."""

    name: str
    title: str
    kind: str
    values: tuple[Named, ...] = ()
    skippable: bool = False
    label: bool = False


class Vocabulary(Struct, frozen=True, kw_only=True):
    """All that one flow can name. `places`: steps that something can lead to; `flows`: others."""

    asked: tuple[Asked, ...]
    consents: tuple[Named, ...]
    places: tuple[Named, ...]
    flows: tuple[Named, ...]
    teams: tuple[Named, ...]
    partners: tuple[Named, ...]
    needs: tuple[str, ...]
    sources: tuple[str, ...]
    sets: tuple[Named, ...]
    countries: tuple[Named, ...]
    own: tuple[str, ...]
    """Names of all steps and choices' questions of the flow, so that a new one gets another."""
    answers: Mapping[str, Mapping[str, Mapping[str, str]]] = {}
    """Set → key → language → what stands on the button."""
    rows: tuple[tuple[str, str], ...] = ()
    """Need and last day of every row of the directory, one for each need it serves."""
    limit: int = 5


def vocabulary(bundle: Bundle, flow: str, language: str) -> Vocabulary:
    """Give what this flow can name, for who reads this language."""
    return _Reader(bundle, flow, language).whole()


class _Reader:
    def __init__(self, bundle: Bundle, flow: str, language: str) -> None:
        self._bundle, self._flow, self._language = bundle, flow, language
        self._sayings = Sayings(bundle)
        self._bot = self._file("bot")
        self._shared = [each for each in _list(self._bot.get("shared")) if isinstance(each, str)]
        self._steps = [step for name in self._names(first=flow) for step in self._steps_of(name)]

    def whole(self) -> Vocabulary:
        mine = [(key, word, body) for name, key, word, body in self._steps if name == self._flow]
        directory = _dict(self._file("directory").get("contacts"))
        partners = {id_: row for id_, row in directory.items() if isinstance(row, dict) and "referral" in _several(row.get("accepts"))}
        named = [(key, body) for key, _, body in mine if not key.startswith("#")]
        return Vocabulary(
            asked=tuple({each.name: each for each in self._asked()}.values()),
            consents=tuple(Named(key, self._title(key, body)) for key, word, body in mine if word == "consent"),
            places=tuple(Named(key, self._title(key, body)) for key, body in named),
            flows=tuple(Named(entry.name, entry.title) for entry in contents(self._bundle, self._language) if entry.name != self._flow),
            teams=tuple(self._of(f"teams.{id_}:name", id_, row) for id_, row in _dict(self._file("teams").get("teams")).items()),
            partners=tuple(self._of(f"directory.{id_}:name", id_, row) for id_, row in partners.items()),
            needs=_several(self._file("directory").get("needs")),
            sources=_several(self._file("sources").get("sources")),
            sets=tuple(Named(name, self._set(name)) for name in self._sayings.sets),
            countries=tuple(self._of(f"countries.{code}", code, row) for code, row in _dict(self._bot.get("countries")).items()),
            own=tuple(dict.fromkeys(key for key, _ in named)),
            answers={name: self._said_set(name) for name in self._sayings.sets},
            rows=tuple(_rows(directory)),
            limit=int(limit) if (limit := str(_dict(self._bot.get("limits")).get("choices", "5"))).isdecimal() else 5,
        )

    def _file(self, name: str) -> Mapping[str, Plain]:
        path = f"{FLOWS}{name}.yaml"
        node = tree_of(path, self._bundle[path]) if path in self._bundle else None
        return _dict(plain(node)) if node is not None else {}

    def _names(self, first: str) -> list[str]:
        others = [flow_name(path) for path in self._bundle.flow_paths()]
        return [first, *(name for name in others if name != first)]

    def _steps_of(self, name: str) -> Iterator[tuple[str, str, str, Mapping[str, Plain]]]:
        path = f"{FLOWS}{name}.yaml"
        node = tree_of(path, self._bundle[path]) if path in self._bundle else None
        listed = find(node, ("steps",)) if node is not None else None
        for index, item in enumerate(listed.items if isinstance(listed, Items) else ()):
            word = word_of(item)
            if name == self._flow or word in ("ask", "set"):
                yield name, key_of(index, item), word, _dict(plain(item))

    # ── answers ──
    def _asked(self) -> Iterator[Asked]:
        for name, key, word, body in self._steps:
            if word == "ask" and (name == self._flow or key in self._shared):
                yield self._question(name, key, body)
            elif word == "consent" and name == self._flow:
                yield Asked(key, self._title(key, body), "one", self._engine(YES_NO))
        yield from self._set_only()
        languages = [Named(code, code) for code in self._sayings.languages]
        yield Asked("language", "", "one", tuple(languages))
        yield Asked("now", "", "one", self._hours())
        for id_, row in _dict(self._file("teams").get("teams")).items():
            yield Asked(f"team.{id_}", self._of(f"teams.{id_}:name", id_, row).title, "one", (Named("open", ""), Named("closed", "")))
        heard = [self._question(name, key, body) for name, key, word, body in self._all_heard()]
        keys = {value.name: value for each in heard for value in each.values if value.name != "skipped"}
        yield Asked("heard", "", "one", tuple(keys.values()))

    def _all_heard(self) -> list[tuple[str, str, str, Mapping[str, Plain]]]:
        return [step for step in self._steps if step[2] == "ask" and step[3].get("heard") == "yes"]

    def _set_only(self) -> Iterator[Asked]:
        asked = {key for name, key, word, _ in self._steps if word == "ask" and (name == self._flow or key in self._shared)}
        found: dict[str, dict[str, Named]] = {}
        for name, _, word, body in self._steps:
            answer, value = body.get("set"), body.get("to")
            if not (word == "set" and isinstance(answer, str) and isinstance(value, str)) or answer in asked:
                continue
            if name == self._flow or answer in self._shared:
                found.setdefault(answer, {})[value] = Named(value, value)
        for answer, values in found.items():
            yield Asked(answer, "", "one", tuple(values.values()))

    def _question(self, flow: str, key: str, body: Mapping[str, Plain]) -> Asked:
        id_ = f"{flow}.{key}"
        kind = next((each for each in TYPE_KEYS if each in body), "choices")
        skippable = body.get("skip") == "yes"
        values, said = self._values(id_, kind, body), "one"
        if kind in ("number", "date", "free"):
            said = kind
        elif body.get("many") == "yes" or kind == "hours":
            said = "many"
        if skippable:
            values = (*values, Named("skipped", self._sayings.engine("skipped").best(self._language)))
        label = body.get("label")
        title = self._sayings.text(f"{id_}:label", "", label).best(self._language) if isinstance(label, str) else ""
        return Asked(key, title or self._title(key, body, flow), said, values, skippable, isinstance(label, str))

    def _values(self, id_: str, kind: str, body: Mapping[str, Plain]) -> tuple[Named, ...]:
        match kind:
            case "choices":
                listed = body.get("choices")
                prefix, choices = (f"answers.{listed}", self._sayings.sets.get(listed)) if isinstance(listed, str) else (id_, listed)
                return tuple(self._of(f"{prefix}.{key}", key, source) for key, source in _dict(choices).items())
            case "country":
                return tuple(self._of(f"countries.{code}", code, row) for code, row in _dict(self._bot.get("countries")).items())
            case "place":
                return tuple(self._places())
            case "hours":
                return self._hours()
            case "language":
                return tuple(Named(code, code) for code in self._sayings.languages)
            case _:
                return ()

    def _places(self) -> Iterator[Named]:
        for code, row in _dict(self._bot.get("countries")).items():
            for key, source in _dict(_dict(row).get("places")).items():
                yield self._of(f"countries.{code}.{key}", key, source)

    def _hours(self) -> tuple[Named, ...]:
        return tuple(self._of(f"hours.{key}", key, key) for key in _dict(self._bot.get("hours")))

    # ── names ──
    def _title(self, key: str, body: Mapping[str, Plain], flow: str = "") -> str:
        text = body.get("text")
        if not isinstance(text, str):
            return ""
        return short(self._sayings.text(f"{flow or self._flow}.{key}", "", text).best(self._language))

    def _of(self, id_: str, name: str, row: Plain) -> Named:
        source = row if isinstance(row, str) else str(_dict(row).get("name", name))
        return Named(name, self._sayings.text(id_, "", source).best(self._language))

    def _engine(self, keys: tuple[str, ...]) -> tuple[Named, ...]:
        return tuple(Named(key, self._sayings.engine(key).best(self._language)) for key in keys)

    def _said_set(self, name: str) -> Mapping[str, Mapping[str, str]]:
        listed = _dict(self._sayings.sets.get(name))
        return {key: self._sayings.of_set(name, key, source).says for key, source in listed.items() if isinstance(source, str)}

    def _set(self, name: str) -> str:
        listed = _dict(self._sayings.sets.get(name))
        return " / ".join(self._of(f"answers.{name}.{key}", key, source).title for key, source in listed.items())


def _rows(directory: Mapping[str, Plain]) -> Iterator[tuple[str, str]]:
    for row in directory.values():
        for need in _several(_dict(row).get("needs")):
            yield need, str(_dict(row).get("expires", ""))


def _dict(value: "Plain | None") -> Mapping[str, Plain]:
    return value if isinstance(value, dict) else {}


def _list(value: "Plain | None") -> list[Plain]:
    return value if isinstance(value, list) else []


def _several(value: "Plain | None") -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(each for each in _list(value) if isinstance(each, str))
