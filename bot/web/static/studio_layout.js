/* Where places of a map stand and how the ways between them run: from top to bottom, mirrored where the page reads from right to left. */
"use strict";
window.studioLayout = (() => {
const SIZES = { step: [212, 76], call: [212, 76], flow: [212, 60], run: [212, 76], end: [150, 36], leave: [150, 36], lost: [170, 40], entry: [190, 36], from: [212, 66], jump: [196, 34] };
const label = text => text ? { width: Math.min(170, 18 + text.length * 7), height: text.length > 22 ? 36 : 20, labelpos: "c" } : { width: 0, height: 0 };

/* Ways that go far or back become a tab at their beginning that names where they lead; straight runs become one place, if wanted. */
function shown(map, fold) {
  const heads = new Map(), by = new Map(map.nodes.map(one => [one.id, one])), nodes = [], edges = new Map(), jumps = new Map();
  for (const one of map.nodes) {
    if (!fold || !one.head) { nodes.push({ ...one, members: [one.id] }); continue; }
    heads.set(one.id, one.head);
    const run = nodes.find(other => other.id === one.head);
    if (run) { run.members.push(one.id); run.flags += one.flags; } else nodes.push({ ...one, kind: "run", members: [one.id] });
  }
  const at = id => heads.get(id) || id;
  const add = (source, target, edge, text) => { const key = source + "\n" + target, known = edges.get(key); if (known) { known.text = [...new Set([known.text, text].filter(Boolean))].join(" · "); known.changed ||= edge.changed; } else edges.set(key, { source, target, why: edge.why, text, changed: edge.changed }); };
  for (const edge of map.edges) {
    const source = at(edge.source), target = at(edge.target);
    if (source === target && edge.source !== edge.target) continue;
    if (!edge.far || by.get(edge.source)?.kind === "entry") { add(source, target, edge, edge.text); continue; }
    const id = `jump/${source}/${target}`, to = by.get(target);
    if (!jumps.has(id)) { jumps.set(id, { id, kind: "jump", key: target, word: "", title: to.title, href: "", flags: "", members: [id], to, of: source }); }
    add(source, id, edge, edge.text);
  }
  const placed = nodes.flatMap(one => [one, ...[...jumps.values()].filter(jump => jump.of === one.id)]);
  return { nodes: placed, edges: [...edges.values()], jumps: [...jumps.values()] };
}

function place(view, rtl, wide) {
  const graph = new dagre.Graph();
  graph.setGraph({ rankdir: wide ? "LR" : "TB", nodesep: 26, ranksep: wide ? 40 : 22, edgesep: 14, marginx: 28, marginy: 24, ranker: view.nodes.length > 120 ? "tight-tree" : "network-simplex", align: "UL" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const one of view.nodes) { const [width, height] = SIZES[one.kind] || SIZES.step; graph.setNode(one.id, { width, height }); }
  /* The way that goes on runs straight down: ends, tabs and other flows stand beside it. */
  const kinds = new Map(view.nodes.map(one => [one.id, one.kind])), beside = id => !["step", "run", "call"].includes(kinds.get(id)), constraints = [];
  for (const edge of [...view.edges].sort((a, b) => beside(b.target) - beside(a.target))) graph.setEdge(edge.source, edge.target, label(edge.text));
  for (const edge of view.edges) if (beside(edge.target)) for (const other of view.edges) if (other.source === edge.source && !beside(other.target)) constraints.push({ left: other.target, right: edge.target });
  dagre.layout(graph, { constraints });
  const { width, height } = graph.graph(), x = at => rtl ? width - at : at;
  for (const one of view.nodes) { const at = graph.node(one.id); Object.assign(one, { x: x(at.x), y: at.y, w: at.width, h: at.height }); }
  for (const edge of view.edges) { const at = graph.edge(edge.source, edge.target); Object.assign(edge, { points: at.points.map(point => [x(point.x), point.y]), lx: at.x === undefined ? null : x(at.x), ly: at.y, lw: at.width }); }
  return { ...view, width, height };
}
/* A line through these points, round at its corners. */
function path(points) {
  const [first, ...rest] = points, r = n => Math.round(n * 10) / 10;
  let d = `M${r(first[0])} ${r(first[1])}`;
  for (let n = 0; n < rest.length - 1; n++) { const [x, y] = rest[n], [nx, ny] = rest[n + 1], last = n === rest.length - 2; d += last ? `Q${r(x)} ${r(y)} ${r(nx)} ${r(ny)}` : `Q${r(x)} ${r(y)} ${r((x + nx) / 2)} ${r((y + ny) / 2)}`; }
  return rest.length === 1 ? d + `L${r(rest[0][0])} ${r(rest[0][1])}` : d;
}
return { shown, place, path };
})();
