"""The map of a flow, and the map of all flows: drawn by the browser, with the same ways as an outline for who sees no picture.

Rule 1: the page comes without waiting for the checks; their marks are put on a moment later.
Rule 2: every place is a link to its step, its flow or its file.
"""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.flow.bundle import Bundle
from bot.studio.bundle.contents import contents
from bot.studio.showing.house import house_of
from bot.studio.showing.map import Edge, Map, Node, map_of
from bot.studio.showing.vocabulary import Vocabulary, vocabulary
from bot.web.errors import page as error_page
from bot.web.studio.frame import Sight, drawn, health_of, sight_of
from bot.web.studio.health import Health
from bot.web.studio.saying import Saying
from bot.web.wording.words import WORDING

_to = msgspec.json.Encoder().encode
_JS = ("from", "to", "fold", "unfold", "found", "none", "jumps", "private")


class Way(NamedTuple):
    """One way in the outline: what takes it, and where it leads or comes from."""

    label: str
    id: str
    title: str


class Line(NamedTuple):
    """One place in the outline."""

    node: Node
    word: str
    title: str
    href: str
    ways: tuple[Way, ...]
    came: tuple[Way, ...]


def read(bundle: Bundle, flow: str, language: str, base: Bundle) -> tuple[Map | None, Vocabulary]:
    """Give the map of a flow and what conditions of it can name: done on the bench. Raises `KeyError`."""
    return map_of(bundle, flow, language, base), vocabulary(bundle, flow, language)


async def page(request: Request) -> Response:
    """The map of one flow."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    flow = request.path_params["flow"]
    base = await sight.studio.workshop.base(sight.head.id)
    try:
        found, words = await sight.studio.bench(read, sight.bundle, flow, sight.language, base)
    except KeyError:
        return error_page(request, 404)
    if found is None:
        return await drawn(sight, "studio/unreadable.html", tab="flows", flow=flow)
    return await _drawn(sight, found, Saying(sight.parts.words, sight.language, words), flow)


async def house(request: Request) -> Response:
    """The map of all flows."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    base = await sight.studio.workshop.base(sight.head.id)
    found = await sight.studio.bench(house_of, sight.bundle, sight.language, base)
    return await _drawn(sight, found, None, "")


async def _drawn(sight: Sight, found: Map, saying: Saying | None, flow: str) -> Response:
    lines = _lines(sight, found, saying)
    by_id = {line.node.id: line for line in lines}
    data = {
        "nodes": [_node(line) for line in lines],
        "edges": [[edge.source, edge.target, edge.why, _label(sight, edge, saying), edge.far, edge.changed] for edge in found.edges],
        "words": {key: _say(sight, f"studio.map.js.{key}") for key in _JS},
    }
    title = next((one.title for one in await sight.studio.bench(contents, sight.bundle, sight.language) if one.name == flow), flow)
    health = await health_of(sight)
    return await drawn(
        sight, "studio/map.html", tab="flows", flow=flow, title=title, lines=lines, data=_to(data).decode(), view="map", health=health,
        marks=_marks(health, flow), unreached=found.unreached, endless=found.endless, by_id=by_id,
        changed=any(node.changed for node in found.nodes) or any(edge.changed for edge in found.edges),
    )  # fmt: skip


async def marks(request: Request) -> Response:
    """What is wrong, by place; waits for the checks."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    return JSONResponse(_marks(await health_of(sight, patience=None), request.path_params.get("flow", "")))


def _marks(health: Health | None, flow: str) -> Mapping[str, list[int]]:
    """Step (of the house: flow) → problems that stop a publish, and others."""
    if health is None:
        return {}
    if not flow:
        return {name: [each.problems, each.stale + each.warnings] for name, each in health.flows.items()}
    steps = health.by_step(flow)
    return {
        step: [sum(not each.problem.warning for each in found), sum(each.problem.warning for each in found)]
        for step, found in steps.items()
    }


def _lines(sight: Sight, found: Map, saying: Saying | None) -> tuple[Line, ...]:
    nodes = {node.id: node for node in found.nodes}
    titles = {node.id: _title(sight, node, saying) for node in found.nodes}
    out: dict[str, list[Way]] = {}
    into: dict[str, list[Way]] = {}
    for edge in found.edges:
        label = _label(sight, edge, saying)
        out.setdefault(edge.source, []).append(Way(label, edge.target, titles[edge.target]))
        into.setdefault(edge.target, []).append(Way(label, edge.source, titles[edge.source]))
    return tuple(
        Line(node, _word(sight, node), titles[id_], _href(sight, node), tuple(out.get(id_, ())), tuple(into.get(id_, ())))
        for id_, node in nodes.items()
    )


def _node(line: Line) -> list[object]:
    """As the script takes it: id, kind, key, word, title, href, head of its run, marks."""
    node = line.node
    flags = "".join(sign for sign, holds in zip("uecp", (node.unreached, node.endless, node.changed, node.private), strict=True) if holds)
    return [node.id, node.kind, node.key, line.word, line.title, line.href, node.head, flags]


def _title(sight: Sight, node: Node, saying: Saying | None) -> str:
    if node.kind in ("end", "leave", "lost"):
        return _say(sight, f"studio.map.{node.kind}") + (f" ‹{node.key}›" if node.kind == "lost" and node.key else "")
    if node.kind == "entry":
        return _say(sight, f"studio.map.opens.{node.key}") if f"studio.map.opens.{node.key}" in WORDING else node.key
    if node.when and saying is not None and node.word in ("go", "set", "end", "leave"):
        return _say(sight, "studio.map.if", condition=saying.condition(node.when))
    if node.word == "decide" and not node.title:
        return _say(sight, "studio.map.decides")
    return node.title or node.key


def _word(sight: Sight, node: Node) -> str:
    """What kind of place it is, in words."""
    if node.kind == "flow" and node.word.isdecimal():
        return _say(sight, "studio.map.steps", n=int(node.word))
    if node.kind == "step" and f"studio.word.{node.word}" in WORDING:
        return _say(sight, f"studio.word.{node.word}")
    return _say(sight, f"studio.map.kind.{node.kind}")


def _label(sight: Sight, edge: Edge, saying: Saying | None) -> str:
    if edge.labels:
        return " · ".join(edge.labels)
    if edge.when and edge.why == "row" and saying is not None:
        return saying.condition(edge.when)
    return _say(sight, f"studio.map.why.{edge.why}") if edge.why in ("otherwise", "after", "else", "if") else ""


def _href(sight: Sight, node: Node) -> str:
    here, flow = f"/studio/d/{sight.head.id}/flows/", sight.request.path_params.get("flow", "")
    if node.kind == "step" or (node.kind == "call" and "/" not in node.id):
        return f"{here}{flow}#step-{node.key.replace('#', '')}"
    if node.kind in ("flow", "from", "call"):
        return f"{here}{node.key}/map"
    source = node.id.partition("/")[0]
    return f"{here}{flow}#step-{source}" if node.kind != "entry" and flow else f"/studio/d/{sight.head.id}/files/flows/bot.yaml"


def _say(sight: Sight, text_id: str, **values: str | int) -> str:
    return sight.parts.words.say(text_id, sight.language, **values)


ROUTES = [
    Route("/studio/d/{draft}/map", house, methods=["GET"]),
    Route("/studio/d/{draft}/map/marks", marks, methods=["GET"]),
    Route("/studio/d/{draft}/flows/{flow}/map", page, methods=["GET"]),
    Route("/studio/d/{draft}/flows/{flow}/map/marks", marks, methods=["GET"]),
]
