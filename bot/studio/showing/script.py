"""A flow as a script: every step with its words in each language, where it leads, and from where it is reached.

Rule 1: it is read from the file alone, step by step: a step that is wrong hides no other, and nothing needs to compile.
Rule 2: a step is called as edits call it: its name, or `#` and its place.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

from bot.flow.bundle import FLOWS, Bundle, flow_name
from bot.flow.language import BARE_WORDS, TYPE_KEYS, UNNAMED, WORDS
from bot.flow.tree import Items, Node, Plain, Scalar, Table, find, plain, text_at
from bot.studio.bundle.contents import contents, tree_of
from bot.studio.bundle.said import Sayings, Text, short

Kind: TypeAlias = Literal["step", "flow", "end", "leave", "lost"]
FLAGS = ("private", "skip", "once", "heard", "many", "listen")


class Target(Struct, frozen=True):
    """Where something leads. `lost`: to nothing there is."""

    name: str
    kind: Kind
    title: str


class Way(Struct, frozen=True):
    """One way out of a step, other than by going on below. `why`: `go call otherwise no after row`; `key`: the choice or row."""

    why: str
    to: str
    key: str = ""


class Option(Struct, frozen=True):
    """One answer that can be pressed. `own`: its words stand in this step, not in a set. `why`: how it leads to `to`; empty: goes on."""

    key: str
    text: Text
    own: bool = True
    why: str = ""
    to: str = ""


class Row(Struct, frozen=True):
    """One row of a decision; `when` empty: in all other cases."""

    when: str
    to: str
    sources: tuple[str, ...]


class Ref(Struct, frozen=True):
    """A step that leads here. `flow` empty: of this flow."""

    flow: str
    key: str
    title: str


class Step(Struct, frozen=True, kw_only=True):
    """One step. `word`: empty if it cannot be told. `texts`: all that can be written, the main one first. `body`: as in the file."""

    index: int
    key: str
    id: str
    word: str
    body: Plain
    when: str = ""
    kind: str = ""
    texts: tuple[Text, ...] = ()
    options: tuple[Option, ...] = ()
    rows: tuple[Row, ...] = ()
    ways: tuple[Way, ...] = ()
    flags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    reached: tuple[Ref, ...] = ()

    @property
    def path(self) -> str:
        """How paths of edits name it."""
        return self.key if self.key.startswith("#") else f"@{self.key}"

    def field(self, key: str) -> str:
        """Give the text of one of its keys, or nothing."""
        value = self.body.get(key) if isinstance(self.body, dict) else None
        return value if isinstance(value, str) else ""


class Script(Struct, frozen=True, kw_only=True):
    """A flow to read. `languages`: the source first. `reached`: steps of other flows that lead to it."""

    name: str
    title: Text
    languages: tuple[str, ...]
    sensitive: bool = False
    only_from: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    targets: Mapping[str, Target] = {}
    head: Mapping[str, Plain] = {}
    """The flow without its steps, as in the file."""
    reached: tuple[Ref, ...] = ()


def script_of(bundle: Bundle, flow: str, language: str) -> Script | None:
    """Give the flow as a script for who reads this language; None if its file cannot be read as a flow. Raises `KeyError`."""
    path = f"{FLOWS}{flow}.yaml"
    node = tree_of(path, bundle[path])
    listed = find(node, ("steps",)) if node is not None else None
    if not isinstance(node, Table) or not isinstance(listed, Items):
        return None
    sayings = Sayings(bundle)
    steps = tuple(_step(flow, index, item, sayings) for index, item in enumerate(listed.items))
    targets = _targets(bundle, steps, language)
    came = _reached(steps, targets)
    only = plain(found) if (found := node.get("only-from")) is not None else []
    return Script(
        name=flow,
        title=sayings.text(f"{flow}:title", "title", text_at(node, "title") or ""),
        languages=sayings.languages,
        sensitive=text_at(node, "sensitive") == "yes",
        only_from=tuple(str(each) for each in only) if isinstance(only, list) else (),
        steps=tuple(_with(step, came.get(step.key, ())) for step in steps),
        targets=targets,
        head={key: plain(entry.value) for key, entry in node.entries.items() if key != "steps"},
        reached=tuple(_from_elsewhere(bundle, flow, language)),
    )


def word_of(node: Node) -> str:
    """Give the word of a step; empty when there is not exactly one."""
    if isinstance(node, Scalar):
        return node.text if node.text in BARE_WORDS else ""
    if not isinstance(node, Table):
        return ""
    words: list[str] = [word for word in WORDS if word in node.entries]
    if "ask" in words:
        words = [word for word in words if word not in ("go", "call")]
    return words[0] if len(words) == 1 else ""


def key_of(index: int, node: Node) -> str:
    """Give how edits call a step."""
    word = word_of(node)
    return (text_at(node, word) if word and word not in UNNAMED else None) or f"#{index}"


def _step(flow: str, index: int, node: Node, sayings: Sayings) -> Step:
    word, key = word_of(node), key_of(index, node)
    body = plain(node)
    fields = body if isinstance(body, dict) else {}
    id_ = f"{flow}.{key}"
    return Step(
        index=index, key=key, id=id_, word=word, body=body, when=_text(fields, "if"),
        kind=next((each for each in TYPE_KEYS if each in fields), "") if word == "ask" else "",
        texts=tuple(_texts(id_, word, fields, sayings)), options=tuple(_options(id_, word, fields, sayings)),
        rows=tuple(_rows(fields)) if word == "decide" else (), ways=tuple(_ways(word, fields)),
        flags=tuple(flag for flag in FLAGS if fields.get(flag) == "yes"), sources=_several(fields.get("source")),
    )  # fmt: skip


def _texts(id_: str, word: str, fields: Mapping[str, Plain], sayings: Sayings) -> Iterator[Text]:
    if word in ("say", "ask", "consent", "remind"):
        yield sayings.text(id_, "text", _text(fields, "text"))
    pages = fields.get("list") if word == "pages" else None
    for number, page in enumerate(pages if isinstance(pages, list) else ()):
        if isinstance(page, dict):
            yield sayings.text(f"{id_}.{_text(page, 'page')}", f"list.{number}.text", _text(page, "text"))
    for part in ("label", "help", "none"):
        if part in fields:
            yield sayings.text(f"{id_}:{part}", part, _text(fields, part))


def _options(id_: str, word: str, fields: Mapping[str, Plain], sayings: Sayings) -> Iterator[Option]:
    if word == "consent":
        yield Option("yes", sayings.engine("agree"), own=False)
        yield Option("no", sayings.engine("refuse"), own=False, why="no", to=_text(fields, "no"))
        return
    listed = fields.get("choices") if word == "ask" else None
    own = isinstance(listed, dict)
    if isinstance(listed, str):
        listed = sayings.sets.get(listed, {})
    leads = {key: (why, to) for why in ("go", "call") for key, to in _mapping(fields.get(why)).items()} if word == "ask" else {}
    for key, source in _mapping(listed).items():
        text = sayings.text(f"{id_}.{key}", f"choices.{key}", source) if own else sayings.of_set(_text(fields, "choices"), key, source)
        yield Option(key, text, own, *leads.get(key, ("", "")))
    if word == "ask" and fields.get("skip") == "yes":
        why, to = leads.get("skip", ("", ""))
        yield Option("skip", sayings.engine("skip"), own=False, why=why, to=to)


def _rows(fields: Mapping[str, Plain]) -> Iterator[Row]:
    listed = fields.get("rows")
    for row in listed if isinstance(listed, list) else ():
        if isinstance(row, dict):
            yield Row(_text(row, "if"), _text(row, "go"), _several(row.get("source")))


def _ways(word: str, fields: Mapping[str, Plain]) -> Iterator[Way]:
    if word == "ask":
        for why in ("go", "call"):
            yield from (Way(why, to, key) for key, to in _mapping(fields.get(why)).items())
    for why in ("go", "call") if word in ("go", "call") else ():
        if why in fields:
            yield Way(why, _text(fields, why))
    for why, of in (("otherwise", "ask"), ("no", "consent"), ("after", "handoff")):
        if word == of and why in fields:
            yield Way(why, _text(fields, why))
    for number, row in enumerate(_rows(fields) if word == "decide" else ()):
        yield Way("row", row.to, str(number))


def _targets(bundle: Bundle, steps: tuple[Step, ...], language: str) -> dict[str, Target]:
    named = {step.key: Target(step.key, "step", _called(step, language)) for step in steps if not step.key.startswith("#")}
    flows = {entry.name: Target(entry.name, "flow", entry.title) for entry in contents(bundle, language)}
    ends = {name: Target(name, "end" if name == "end" else "leave", "") for name in BARE_WORDS}
    lost = {way.to: Target(way.to, "lost", "") for step in steps for way in step.ways}
    return {**lost, **flows, **named, **ends}


def _called(step: Step, language: str) -> str:
    return short(step.texts[0].best(language)) if step.texts else ""


def _reached(steps: tuple[Step, ...], targets: Mapping[str, Target]) -> dict[str, tuple[Ref, ...]]:
    found: dict[str, dict[str, Ref]] = {}
    for step in steps:
        for way in step.ways:
            if way.to in targets and targets[way.to].kind == "step":
                title = targets[step.key].title if step.key in targets else ""
                found.setdefault(way.to, {}).setdefault(step.key, Ref("", step.key, title))
    return {key: tuple(refs.values()) for key, refs in found.items()}


def _with(step: Step, reached: tuple[Ref, ...]) -> Step:
    if not reached:
        return step
    return Step(**{name: getattr(step, name) for name in step.__struct_fields__} | {"reached": reached})


def _from_elsewhere(bundle: Bundle, flow: str, language: str) -> Iterator[Ref]:
    titles = {entry.name: entry.title for entry in contents(bundle, language)}
    for path in bundle.flow_paths():
        name = flow_name(path)
        listed = find(node, ("steps",)) if name != flow and (node := tree_of(path, bundle[path])) is not None else None
        for index, item in enumerate(listed.items if isinstance(listed, Items) else ()):
            body = plain(item)
            if isinstance(body, dict) and any(way.to == flow for way in _ways(word_of(item), body)):
                yield Ref(name, key_of(index, item), titles[name])
                break


def _text(fields: Mapping[str, Plain], key: str) -> str:
    value = fields.get(key)
    return value.strip("\n ") if isinstance(value, str) else ""


def _mapping(value: "Plain | None") -> dict[str, str]:
    return {key: each for key, each in value.items() if isinstance(each, str)} if isinstance(value, dict) else {}


def _several(value: "Plain | None") -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
