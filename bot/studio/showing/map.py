"""A flow as a map: its steps, what leads where, what nothing leads to, and what never comes to an end.

Rule 1: it is read from the script, so it is there however much of the flow is wrong; a way to nowhere is on it.
Rule 2: both ends of every way are on it: where it comes from, also in another flow, and where it goes to.
Rule 3: a plain `go`, `end` or `leave` is a way, no place: it is a line on the map, unless nothing leads to it.
Rule 4: `id` stays the same while other steps come and go, so that two maps can be laid beside each other.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, TypeAlias

from msgspec import Struct, structs

from bot.flow.bundle import Bundle
from bot.flow.language import UNNAMED
from bot.flow.tree import Table, find, text_at
from bot.studio.bundle.contents import tree_of
from bot.studio.bundle.said import short
from bot.studio.showing.script import Script, Step, script_of

Kind: TypeAlias = Literal["step", "call", "flow", "end", "leave", "lost", "entry", "from"]
"""`step` of this flow · `call` another flow that comes back · `flow` one that takes over · `end leave` · `lost` to nowhere ·
`entry` a word or first contact that opens the flow · `from` another flow that leads here."""
FAR: Final = 9
"""A way over more places than this, or back, is drawn as two ends that name each other, not as a line through all between."""
_RUN: Final = 2
_ENDS: Final = frozenset({"end", "leave", "flow"})
_LEADING: Final = frozenset({"ask", "decide", "go", "consent", "end", "leave", "forget"})
"""Words whose steps do not simply go on below, so that passing one over is another way."""


class Node(Struct, frozen=True, kw_only=True):
    """One place. `key`: the step, the flow, or the word that opens; `head`: the first of a straight run of messages it is one of."""

    id: str
    kind: Kind
    key: str = ""
    word: str = ""
    title: str = ""
    when: str = ""
    head: str = ""
    private: bool = False
    unreached: bool = False
    endless: bool = False
    changed: bool = False


class Edge(Struct, frozen=True, kw_only=True):
    """One way. `labels`: the answers that take it; `when`: the condition.

    `why`: `next go call back otherwise no after row if else opens`.
    """

    source: str
    target: str
    why: str
    labels: tuple[str, ...] = ()
    when: str = ""
    far: bool = False
    changed: bool = False


class Map(Struct, frozen=True):
    """A flow, or all of them, as places and ways, in reading order."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def unreached(self) -> tuple[Node, ...]:
        """Places that nothing leads to."""
        return tuple(node for node in self.nodes if node.unreached)

    @property
    def endless(self) -> tuple[Node, ...]:
        """Places from which no end can be reached."""
        return tuple(node for node in self.nodes if node.endless)


def map_of(bundle: Bundle, flow: str, language: str, base: Bundle | None = None) -> Map | None:
    """Give the map of a flow, with what is new since `base`; None if its file is no flow. Raises `KeyError`."""
    script = script_of(bundle, flow, language)
    if script is None:
        return None
    drawn = _Drawing(script, language, tuple(openings(bundle, flow))).map()
    if base is None:
        return drawn
    before = script_of(base, flow, language) if f"flows/{flow}.yaml" in base else None
    return compared(drawn, script, before, language)


def openings(bundle: Bundle, flow: str) -> Iterator[str]:
    """Give what opens a flow without standing in one: `first`, the global words of bot.yaml, `danger`."""
    bot = tree_of("flows/bot.yaml", bundle.get("flows/bot.yaml", ""))
    if text_at(bot, "first") == flow:
        yield "first"
    on = find(bot, ("on",)) if bot is not None else None
    yield from (word for word in (on.entries if isinstance(on, Table) else ()) if text_at(on, word) == flow)
    words = tree_of("flows/words.yaml", bundle.get("flows/words.yaml", ""))
    danger = find(words, ("danger",)) if words is not None else None
    if any(text_at(entry.value, "flow") == flow for entry in (danger.entries.values() if isinstance(danger, Table) else ())):
        yield "danger"


def ids_of(script: Script) -> tuple[str, ...]:
    """Give the id of each step: its name, or how far it stands below the last one that has a name."""
    found: list[str] = []
    last, below = "", 0
    for step in script.steps:
        named = not step.key.startswith("#") and step.key not in found
        last, below = (step.key, 0) if named else (last, below + 1)
        found.append(last if named else f"{last}+{below}")
    return tuple(found)


class _Drawing:
    """The map of one script while it is drawn."""

    def __init__(self, script: Script, language: str, opened: Sequence[str]) -> None:
        self._script, self._language, self._opened = script, language, opened
        self._ids = ids_of(script)
        self._index = {step.key: step.index for step in reversed(script.steps)}
        self._passed: set[int] = set()
        self._pills: dict[str, Node] = {}
        self._edges: dict[tuple[str, str, str, str], Edge] = {}

    def map(self) -> Map:
        steps = self._script.steps
        self._openings()
        kept = [step for step in steps if not _is_way(step)]
        for step in kept:
            self._ways(step)
        for step in steps:
            if _is_way(step) and step.index not in self._passed:
                kept.append(step)
                self._ways(step)
        nodes = self._ordered(kept)
        return _marked(nodes, tuple(self._edges.values()), {node.id for node in nodes if node.kind in ("entry", "from")})

    def _ordered(self, kept: Sequence[Step]) -> list[Node]:
        """The places in reading order: what opens, then each step and the ends that belong to it."""
        nodes = [node for node in self._pills.values() if node.kind in ("entry", "from")]
        for step in sorted(kept, key=lambda step: step.index):
            id_ = self._ids[step.index]
            kind: Kind = "call" if step.word == "call" else "step"
            nodes.append(
                Node(
                    id=id_,
                    kind=kind,
                    key=step.key,
                    word=step.word,
                    title=self._title(step),
                    when=step.when,
                    private="private" in step.flags,
                )
            )
            nodes += [node for node in self._pills.values() if node.id.startswith(f"{id_}/")]
        return nodes

    def _title(self, step: Step) -> str:
        if step.word in ("go", "call"):
            return self._called(step.field(step.word))
        if step.word in ("set", "forget"):
            return step.field(step.word) + (f" = {step.field('to')}" if step.word == "set" else "")
        text = next((text.best(self._language) for text in step.texts), "")
        return short(text)

    def _called(self, name: str) -> str:
        target = self._script.targets.get(name)
        return target.title or name if target is not None else name

    def _openings(self) -> None:
        if not self._script.steps:
            return
        for word in self._opened:
            self._pill(Node(id=f"in/{word}", kind="entry", key=word), "opens")
        for ref in self._script.reached:
            self._pill(Node(id=f"from/{ref.flow}", kind="from", key=ref.flow, title=ref.title), "opens")

    def _pill(self, node: Node, why: str) -> None:
        self._pills[node.id] = node
        self._edge(node.id, self._at(0, node.id), why)

    # ── where ways lead ──
    def _goal(self, name: str, source: str) -> str:
        """The place that a name is, seen from a place; ends and other flows are drawn where the way to them begins."""
        target = self._script.targets.get(name)
        kind = target.kind if target is not None else "lost"
        if kind == "step":
            return self._at(self._index[name], source)
        if kind == "flow" and name == self._script.name:
            return self._at(0, source)
        return self._own(source, kind, name)

    def _own(self, source: str, kind: Kind, name: str) -> str:
        id_ = f"{source}/{kind}" if kind in ("end", "leave") else f"{source}/{kind}/{name}"
        self._pills.setdefault(id_, Node(id=id_, kind=kind, key=name, title=self._called(name) if kind == "flow" else ""))
        return id_

    def _below(self, index: int, source: str) -> str:
        return self._at(index + 1, source)

    def _at(self, index: int, source: str) -> str:
        """The place at a step; through plain ways to what they lead to."""
        passed: set[int] = set()
        while index < len(self._script.steps):
            step = self._script.steps[index]
            if not _is_way(step) or index in passed:
                return self._ids[index]
            passed.add(index)
            self._passed.add(index)
            if step.word != "go":
                return self._own(source, "end" if step.word == "end" else "leave", step.word)
            target = self._script.targets.get(step.field("go"))
            if target is None or target.kind != "step":
                return self._goal(step.field("go"), source)
            index = self._index[target.name]
        return self._own(source, "lost", "")

    def _edge(self, source: str, target: str, why: str, label: str = "", when: str = "") -> None:
        key = (source, target, why, when)
        edge = self._edges.get(key) or Edge(source=source, target=target, why=why, when=when)
        self._edges[key] = structs.replace(edge, labels=(*edge.labels, label)) if label and label not in edge.labels else edge

    def _ways(self, step: Step) -> None:
        id_ = self._ids[step.index]
        match step.word:
            case "ask":
                self._asked(step, id_)
            case "decide":
                for row in step.rows:
                    self._edge(id_, self._goal(row.to, id_), "row" if row.when else "else", when=row.when)
            case "go" | "end" | "leave":
                self._edge(id_, self._goal(step.field("go") or step.word, id_), "if" if step.when else "go", when=step.when)
            case "consent":
                self._edge(id_, self._below(step.index, id_), "next", step.options[0].text.best(self._language))
                self._edge(id_, self._goal(step.field("no"), id_), "no", step.options[1].text.best(self._language))
            case _:
                self._on(step, id_)
        if step.when and step.word in _LEADING:
            self._edge(id_, self._below(step.index, id_), "else")

    def _on(self, step: Step, id_: str) -> None:
        if step.word == "forget" and step.field("forget") == "everything":
            self._edge(id_, self._own(id_, "leave", "leave"), "next")
        else:
            self._edge(id_, self._below(step.index, id_), "back" if step.word == "call" else "next")
        if step.word == "handoff" and step.field("after"):
            self._edge(id_, self._goal(step.field("after"), id_), "after")

    def _asked(self, step: Step, id_: str) -> None:
        below = ""
        for option in step.options:
            said = option.text.best(self._language) or option.key
            if option.why == "go":
                self._edge(id_, self._goal(option.to, id_), "go", said)
            elif option.why == "call":
                called = self._own(id_, "call", option.to)
                self._pills[called] = structs.replace(self._pills[called], title=self._called(option.to))
                below = below or self._below(step.index, id_)
                self._edge(id_, called, "call", said)
                self._edge(called, below, "back")
            else:
                below = below or self._below(step.index, id_)
                self._edge(id_, below, "next", said)
        if step.kind != "choices":
            self._edge(id_, below or self._below(step.index, id_), "next")
        if step.field("otherwise"):
            self._edge(id_, self._goal(step.field("otherwise"), id_), "otherwise")


def _is_way(step: Step) -> bool:
    """Whether a step only leads on: it is a line on the map."""
    return step.word in ("go", "end", "leave") and not step.when and step.word in UNNAMED


def _marked(nodes: Sequence[Node], edges: Sequence[Edge], begins: set[str]) -> Map:
    """The map with what nothing leads to, what never ends, straight runs of messages, and ways too long to draw."""
    order = {node.id: place for place, node in enumerate(nodes)}
    first = next((node.id for node in nodes if node.kind in ("step", "call")), "")
    reached = walked({*begins, first}, edges, forward=True)
    ending = walked({node.id for node in nodes if node.kind in _ENDS}, edges, forward=False)
    heads = _runs(nodes, edges)
    only = {source for source, count in Counter(edge.source for edge in edges).items() if count == 1}
    edges = tuple(structs.replace(edge, labels=()) if edge.why == "next" and edge.source in only else edge for edge in edges)
    marked = (
        structs.replace(
            node,
            unreached=node.id not in reached,
            endless=node.id in reached and node.id not in ending and node.kind not in ("lost", "entry", "from"),
            head=heads.get(node.id, ""),
        )
        for node in nodes
    )
    far = (structs.replace(edge, far=not 0 < order[edge.target] - order[edge.source] <= FAR and edge.why != "opens") for edge in edges)
    return Map(tuple(marked), tuple(far))


def walked(begins: set[str], edges: Sequence[Edge], *, forward: bool) -> set[str]:
    """Give every place that can be reached from these, or (backward) that can reach them."""
    leads: dict[str, list[str]] = {}
    for edge in edges:
        one, other = (edge.source, edge.target) if forward else (edge.target, edge.source)
        leads.setdefault(one, []).append(other)
    seen, waiting = set(begins), list(begins)
    while waiting:
        for to in leads.get(waiting.pop(), ()):
            if to not in seen:
                seen.add(to)
                waiting.append(to)
    return seen


def _runs(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[str, str]:
    """Place → the first of the straight run of messages that it belongs to; only runs that are long enough to fold."""
    says = {node.id for node in nodes if node.word == "say" and not node.when}
    out: dict[str, list[Edge]] = {}
    into: dict[str, int] = {}
    for edge in edges:
        out.setdefault(edge.source, []).append(edge)
        into[edge.target] = into.get(edge.target, 0) + 1
    on = {id_: ways[0].target for id_, ways in out.items() if id_ in says and len(ways) == 1 and ways[0].target in says}
    on = {id_: to for id_, to in on.items() if into.get(to) == 1}
    heads: dict[str, str] = {}
    for node in nodes:
        if node.id in on and node.id not in on.values():
            run = [node.id]
            while run[-1] in on:
                run.append(on[run[-1]])
            heads |= dict.fromkeys(run, node.id) if len(run) >= _RUN else {}
    return heads


def compared(drawn: Map, script: Script, before: Script | None, language: str) -> Map:
    """Give the map with what is not as it was before."""
    were = {} if before is None else dict(zip(ids_of(before), before.steps, strict=True))
    are = dict(zip(ids_of(script), script.steps, strict=True))
    ways = set() if before is None else {_way(edge) for edge in _Drawing(before, language, ()).map().edges}
    fresh = {id_ for id_, step in are.items() if id_ not in were or _shown(step) != _shown(were[id_])}
    nodes = (structs.replace(node, changed=node.id in fresh) for node in drawn.nodes)
    edges = (structs.replace(edge, changed=edge.why != "opens" and _way(edge) not in ways) for edge in drawn.edges)
    return Map(tuple(nodes), tuple(edges))


def _way(edge: Edge) -> tuple[str, str, str, str, tuple[str, ...]]:
    return edge.source, edge.target, edge.why, edge.when, edge.labels


def _shown(step: Step) -> tuple[object, Mapping[str, object]]:
    """What a step is, wherever it stands: as it is written, and its texts in each language."""
    return step.body, {text.id: dict(text.says) for text in step.texts}
