"""All flows as one map: which leads to which, what opens them, and what nothing opens.

Rule 1: as in `bot.studio.showing.map`: both ends of every way are on it, and a flow that cannot be read is on it too.
"""

from msgspec import structs

from bot.flow.bundle import Bundle, flow_name
from bot.studio.bundle.contents import contents
from bot.studio.showing.map import Edge, Map, Node, openings, walked
from bot.studio.showing.script import script_of


def house_of(bundle: Bundle, language: str, base: Bundle | None = None) -> Map:
    """Give the map of all flows; with what differs from `base`."""
    nodes: list[Node] = []
    edges: dict[tuple[str, str, str], Edge] = {}
    titles = {entry.name: entry.title for entry in contents(bundle, language)}
    for path in bundle.flow_paths():
        name = flow_name(path)
        changed = base is not None and base.get(path) != bundle[path]
        script = script_of(bundle, name, language)
        nodes.append(
            Node(id=name, kind="flow", key=name, title=titles[name], word=str(len(script.steps)) if script else "", changed=changed)
        )
        for word in openings(bundle, name):
            nodes.append(Node(id=f"in/{word}/{name}", kind="entry", key=word))
            edges[f"in/{word}/{name}", name, "opens"] = Edge(source=f"in/{word}/{name}", target=name, why="opens")
        for step in script.steps if script is not None else ():
            for way in step.ways:
                target = script.targets.get(way.to) if script is not None else None
                if target is not None and target.kind == "flow" and way.to != name:
                    why = "call" if way.why == "call" else "go"
                    edges[name, way.to, why] = Edge(source=name, target=way.to, why=why)
    reached = walked({node.id for node in nodes if node.kind == "entry"}, tuple(edges.values()), forward=True)
    return Map(tuple(structs.replace(node, unreached=node.id not in reached) for node in nodes), tuple(edges.values()))
