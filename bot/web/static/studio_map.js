/* The map of a flow: drawn here from the places and ways that the server gives; every place is a link, the arrow keys walk along the ways. */
"use strict";
(() => {
const inner = document.getElementById("inner"), { studio, studioLayout } = window;
if (!inner || !studioLayout || !window.dagre) return;
const began = performance.now(), $ = id => document.getElementById(id), scroller = $("map"), room = $("room"), raw = JSON.parse(inner.dataset.map), w = raw.words, rtl = document.documentElement.dir === "rtl";
const SVG = (() => { const holder = document.createElement("template"); holder.innerHTML = "<svg></svg>"; return holder.content.firstChild.namespaceURI; })();
const svg = (name, props = {}) => { const made = document.createElementNS(SVG, name); for (const [key, value] of Object.entries(props)) made.setAttribute(key, value); return made; };
const tag = (name, props = {}, ...inside) => { const made = Object.assign(document.createElement(name), props); made.append(...inside.filter(one => one !== null)); return made; };
const icon = name => tag("template", { innerHTML: `<svg class="i" aria-hidden="true"><use href="#i-${name}"/></svg>` }).content.firstChild;
const map = { nodes: raw.nodes.map(([id, kind, key, word, title, href, head, flags]) => ({ id, kind, key, word, title, href, head, flags })), edges: raw.edges.map(([source, target, why, text, far, changed]) => ({ source, target, why, text, far, changed })) };
const heads = map.nodes.filter(one => one.head), LARGE = 60;
let scale = 1, drawn = null, marks = JSON.parse(inner.dataset.marks), current = "";
const elements = new Map();

/* ── drawing ── */
function draw() {
  drawn = studioLayout.place(studioLayout.shown(map, $("fold").checked), rtl, false);
  elements.clear();
  const lines = svg("svg", { class: "ways", width: drawn.width, height: drawn.height, "aria-hidden": "true" });
  lines.innerHTML = '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 8 4 0 8z"/></marker><marker id="head-new" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="11" markerHeight="11" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>';
  const parts = [];
  for (const edge of drawn.edges) {
    edge.line = svg("path", { d: studioLayout.path(edge.points), class: `way ${edge.why}${edge.changed ? " new" : ""}` });
    lines.append(edge.line);
    if (edge.text && edge.lx !== null) { edge.tag = at(tag("span", { className: "by", dir: "auto", textContent: edge.text, title: edge.text }), edge.lx, edge.ly, edge.lw); parts.push(edge.tag); }
  }
  drawn.over = svg("g", { class: "over" }); lines.append(drawn.over);
  for (const one of drawn.nodes) parts.push(...put(one));
  inner.replaceChildren(lines, ...parts);
  mark(); zoom(scale); small();
  inner.dataset.places = drawn.nodes.length;
}
const at = (made, x, y, width, height) => { made.style.width = width + "px"; if (height) made.style.height = height + "px"; made.style.left = Math.round(x - width / 2) + "px"; made.style.top = Math.round(y - (height || 20) / 2) + "px"; return made; };
function put(one) {
  const jump = one.kind === "jump", classes = ["place", "k-" + one.kind, one.flags.includes("u") || one.flags.includes("e") || one.kind === "lost" ? "bad" : "", one.flags.includes("c") ? "new" : ""].filter(Boolean).join(" ");
  const title = tag("b", { dir: "auto", textContent: one.title });
  const word = one.kind === "run" ? `${w.unfold}: ${one.members.length}` : one.word;
  const made = jump ? tag("button", { type: "button", className: classes, title: one.title }, icon("go"), title) : tag(one.href ? "a" : "span", { className: classes, title: one.title }, title, word && !["end", "leave", "lost", "entry"].includes(one.kind) ? tag("span", {}, one.flags.includes("p") ? icon("lock") : null, word, ["step", "run"].includes(one.kind) && one.key && !one.key.startsWith("#") ? " · " : null, ["step", "run"].includes(one.kind) && one.key && !one.key.startsWith("#") ? tag("bdi", { className: "id", textContent: one.key }) : null) : null);
  if (jump) { made.firstChild.classList.add("flip"); made.setAttribute("aria-label", `${w.to} ${one.title}`); made.addEventListener("click", () => select(at_(one.to.id), true)); }
  else if (one.href) made.href = one.href;
  made.dataset.id = one.id; made.tabIndex = -1; made.dir = document.documentElement.dir;
  made.addEventListener("focus", () => choose(one.id));
  elements.set(one.id, at(made, one.x, one.y, one.w, one.h));
  const came = drawn.jumps.filter(other => one.members.includes(other.to.id));
  return came.length ? [made, arrivals(one, came)] : [made];
}
/* At the other end of its jumps a place says from where they come. */
function arrivals(one, came) {
  const from = came.map(jump => drawn.nodes.find(other => other.id === jump.of));
  let turn = 0;
  const chip = tag("button", { type: "button", className: "came", title: from.map(other => other.title).join("\n"), tabIndex: -1 }, icon("go"), tag("span", { dir: "auto", textContent: from.length === 1 ? from[0].title : String(from.length) }));
  chip.firstChild.classList.add("flip"); chip.dir = document.documentElement.dir;
  chip.setAttribute("aria-label", `${w.jumps}: ${from.map(other => other.title).join(", ")}`);
  chip.addEventListener("click", () => select(from[turn++ % from.length].id, true));
  return at(chip, one.x, one.y - one.h / 2 - 9, from.length === 1 ? 150 : 52, 20);
}
const at_ = id => drawn.nodes.find(one => one.members.includes(id))?.id || id;

/* ── problems, put on once they are known ── */
function mark() {
  for (const one of drawn.nodes) {
    const found = elements.get(one.id), keys = map.nodes.filter(node => one.members.includes(node.id) && (node.kind === "step" || node.kind === "call" || !inner.dataset.flow)).map(node => node.key);
    const [problems, warnings] = keys.reduce(([a, b], key) => [a + (marks[key]?.[0] || 0), b + (marks[key]?.[1] || 0)], [0, 0]);
    found.querySelector(".tally")?.remove();
    found.classList.toggle("bad", problems > 0 || /[ue]/.test(one.flags) || one.kind === "lost");
    if (problems || warnings) found.append(tag("span", { className: "tally st " + (problems ? "danger" : "time") }, icon(problems ? "octagon" : "warn"), String(problems || warnings)));
  }
}
async function marked() {
  try { const answer = await fetch(location.pathname.replace(/\/$/, "") + "/marks", { headers: { Accept: "application/json" } }); if (answer.ok && !answer.redirected) { marks = await answer.json(); mark(); } } catch { /* the script of the flow shows them too */ }
}

/* ── where one looks ── */
function zoom(to, around) {
  const was = scale, box = scroller.getBoundingClientRect(), [cx, cy] = around || [box.width / 2, box.height / 2];
  const x = (scroller.scrollLeft + cx) / was, y = (scroller.scrollTop + cy) / was;
  scale = Math.min(1.6, Math.max(.08, to));
  inner.style.width = drawn.width + "px"; inner.style.height = drawn.height + "px"; inner.style.transform = `scale(${scale})`;
  room.style.width = Math.max(drawn.width * scale, box.width - 2) + "px"; room.style.height = Math.max(drawn.height * scale, box.height - 2) + "px";
  inner.style.marginLeft = Math.max(0, (box.width - 2 - drawn.width * scale) / 2) + "px"; /* a narrow map stands in the middle */
  scroller.scrollLeft = x * scale - cx; scroller.scrollTop = y * scale - cy;
  inner.classList.toggle("distant", scale < .5);
  $("size").textContent = Math.round(scale * 100) + " %";
  frame();
}
const fit = () => { const box = scroller.getBoundingClientRect(); const wide = (box.width - 16) / drawn.width; zoom(Math.min(1, wide, Math.max((box.height - 16) / drawn.height, .35))); scroller.scrollTop = 0; };
function show(id, to = scale) {
  const one = drawn.nodes.find(other => other.id === id), box = scroller.getBoundingClientRect();
  if (!one) return;
  if (to !== scale) zoom(to);
  const edge = parseFloat(inner.style.marginLeft) || 0;
  scroller.scrollTo({ left: one.x * scale + edge - box.width / 2, top: one.y * scale - box.height / 2 });
}
function select(id, centre = false) {
  const found = elements.get(id);
  if (!found) return;
  if (centre) show(id, Math.max(scale, .8)); else keep(id);
  found.focus({ preventScroll: true });
}
function keep(id) { /* in sight, moving no more than needed */
  const box = scroller.getBoundingClientRect(), is = elements.get(id).getBoundingClientRect(), pad = 40;
  scroller.scrollBy({ left: is.left < box.left + pad ? is.left - box.left - pad : is.right > box.right - pad ? is.right - box.right + pad : 0, top: is.top < box.top + pad ? is.top - box.top - pad : is.bottom > box.bottom - pad ? is.bottom - box.bottom + pad : 0 });
}
/* The chosen place, its ways, and its jumps in full. */
function choose(id) {
  elements.get(current)?.classList.remove("now"); if (elements.has(current)) elements.get(current).tabIndex = -1;
  current = id; elements.get(id).classList.add("now"); elements.get(id).tabIndex = 0;
  drawn.over.replaceChildren();
  for (const edge of drawn.edges) { const on = edge.source === id || edge.target === id; edge.line.classList.toggle("on", on); edge.tag?.classList.toggle("on", on); }
  const one = drawn.nodes.find(other => other.id === id);
  for (const jump of drawn.jumps) if (jump.of === id || jump.id === id || one.members.includes(jump.to.id)) {
    const from = drawn.nodes.find(other => other.id === jump.id), to = drawn.nodes.find(other => other.id === at_(jump.to.id)), side = (from.x > to.x ? 1 : -1) * 60;
    drawn.over.append(svg("path", { class: "way on far", d: `M${from.x} ${from.y + from.h / 2}C${from.x + side} ${from.y + 90} ${to.x + side} ${to.y - 110} ${to.x} ${to.y - to.h / 2}` }));
  }
}
scroller.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key;
  if (key === "+" || key === "=") { event.preventDefault(); return zoom(scale * 1.25); }
  if (key === "-") { event.preventDefault(); return zoom(scale / 1.25); }
  if (key === "0") { event.preventDefault(); return fit(); }
  if (key === "Home") { event.preventDefault(); return select(drawn.nodes[0].id, true); }
  if (!key.startsWith("Arrow")) return;
  event.preventDefault();
  const one = drawn.nodes.find(other => other.id === current);
  if (!one) return select(drawn.nodes[0].id, true);
  const by = (list, far) => list.map(id => drawn.nodes.find(other => other.id === id)).filter(Boolean).sort((a, b) => far(a) - far(b))[0];
  let next;
  if (key === "ArrowDown") next = one.kind === "jump" ? drawn.nodes.find(other => other.id === at_(one.to.id)) : by(drawn.edges.filter(edge => edge.source === one.id).map(edge => edge.target), other => Math.abs(other.x - one.x));
  else if (key === "ArrowUp") next = by(drawn.edges.filter(edge => edge.target === one.id).map(edge => edge.source), other => Math.abs(other.x - one.x)) || by(drawn.jumps.filter(jump => one.members.includes(jump.to.id)).map(jump => jump.of), () => 0);
  else { const right = key === "ArrowRight"; next = drawn.nodes.filter(other => other !== one && Math.abs(other.y - one.y) < 70 && (right ? other.x > one.x : other.x < one.x)).sort((a, b) => Math.abs(a.x - one.x) - Math.abs(b.x - one.x))[0]; }
  if (next) select(next.id);
});
scroller.addEventListener("wheel", event => { if (!event.ctrlKey && !event.metaKey) return; event.preventDefault(); const box = scroller.getBoundingClientRect(); zoom(scale * Math.exp(-event.deltaY / 300), [event.clientX - box.left, event.clientY - box.top]); }, { passive: false });
let drag = null;
scroller.addEventListener("pointerdown", event => { if (event.pointerType !== "mouse" || event.button || event.target.closest("a, button")) return; drag = [event.clientX, event.clientY]; scroller.setPointerCapture(event.pointerId); scroller.classList.add("drag"); });
scroller.addEventListener("pointermove", event => { if (!drag) return; scroller.scrollBy(drag[0] - event.clientX, drag[1] - event.clientY); drag = [event.clientX, event.clientY]; });
for (const over of ["pointerup", "pointercancel"]) scroller.addEventListener(over, () => { drag = null; scroller.classList.remove("drag"); });
scroller.addEventListener("dblclick", event => { if (event.target.closest("a, button")) return; const box = scroller.getBoundingClientRect(); zoom(scale < .8 ? 1 : scale * 1.4, [event.clientX - box.left, event.clientY - box.top]); });
scroller.addEventListener("focus", () => { if (!current && drawn) elements.get(drawn.nodes[0]?.id)?.setAttribute("tabindex", "0"); });

/* ── the whole in small ── */
function small() {
  const box = scroller.getBoundingClientRect(), mini = $("mini");
  mini.hidden = drawn.width * drawn.height < 3 * box.width * box.height;
  if (mini.hidden) return;
  const k = Math.min(170 / drawn.width, 230 / drawn.height), picture = svg("svg", { width: Math.max(72, drawn.width * k), height: Math.max(48, drawn.height * k), viewBox: `0 0 ${drawn.width} ${drawn.height}`, preserveAspectRatio: "none" });
  for (const one of drawn.nodes) picture.append(svg("rect", { x: one.x - one.w / 2, y: one.y - one.h / 2, width: one.w, height: one.h, rx: 20, class: elements.get(one.id).className.replace("place", "dot").replace(" now", "") }));
  picture.append(svg("rect", { class: "eye", id: "eye" })); mini.replaceChildren(picture);
  const to = event => { if (!event.buttons) return; const is = picture.getBoundingClientRect(), view = scroller.getBoundingClientRect(); scroller.scrollTo(((event.clientX - is.left) / is.width) * drawn.width * scale - view.width / 2, ((event.clientY - is.top) / is.height) * drawn.height * scale - view.height / 2); };
  mini.onpointerdown = mini.onpointermove = to;
  frame();
}
function frame() { const eye = $("eye"); if (eye) for (const [key, value] of Object.entries({ x: scroller.scrollLeft / scale, y: scroller.scrollTop / scale, width: scroller.clientWidth / scale, height: scroller.clientHeight / scale })) eye.setAttribute(key, value); }
scroller.addEventListener("scroll", frame, { passive: true });

/* ── search ── */
const find = $("find"), hits = $("hits");
let listed = [], chosen = -1;
const folded = text => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
function search() {
  const wanted = folded(find.value.trim());
  listed = wanted ? map.nodes.filter(one => one.title && !["end", "leave"].includes(one.kind) && folded(`${one.title} ${one.key} ${one.word}`).includes(wanted)).slice(0, 8) : [];
  chosen = listed.length ? 0 : -1;
  hits.replaceChildren(...listed.map((one, n) => { const made = tag("li", { id: `hit-${n}`, onclick: () => take(n) }, tag("b", { dir: "auto", textContent: one.title }), tag("bdi", { className: "id", textContent: one.key })); made.setAttribute("role", "option"); made.setAttribute("aria-selected", String(n === 0)); return made; }));
  hits.hidden = !listed.length; find.setAttribute("aria-expanded", String(listed.length > 0));
  if (listed.length) find.setAttribute("aria-activedescendant", "hit-0"); else find.removeAttribute("aria-activedescendant");
  if (wanted) studio.say(listed.length ? `${w.found}: ${listed.length}` : w.none);
}
function take(n) { const one = listed[n]; hits.hidden = true; find.setAttribute("aria-expanded", "false"); if (one) select(at_(one.id), true); }
find.addEventListener("input", search);
find.addEventListener("keydown", event => {
  if (event.key === "Enter") { event.preventDefault(); take(chosen); }
  if (event.key === "Escape") { hits.hidden = true; find.setAttribute("aria-expanded", "false"); }
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && listed.length) {
    event.preventDefault(); chosen = (chosen + (event.key === "ArrowDown" ? 1 : -1) + listed.length) % listed.length;
    [...hits.children].forEach((one, n) => one.setAttribute("aria-selected", String(n === chosen))); find.setAttribute("aria-activedescendant", `hit-${chosen}`);
  }
});
find.addEventListener("blur", () => setTimeout(() => { hits.hidden = true; find.setAttribute("aria-expanded", "false"); }, 150));

$("larger").addEventListener("click", () => zoom(scale * 1.25));
$("smaller").addEventListener("click", () => zoom(scale / 1.25));
$("fit").addEventListener("click", fit);
$("fold").addEventListener("change", () => { draw(); begin(); });
addEventListener("resize", () => { if (drawn) { zoom(scale); small(); } });
function begin() {
  const box = scroller.getBoundingClientRect(), whole = Math.min((box.width - 16) / drawn.width, (box.height - 16) / drawn.height);
  if (whole >= .55) return fit();
  zoom(Math.min(1, Math.max(.75, (box.width - 16) / drawn.width)));
  const first = drawn.nodes.find(one => one.kind === "step" || one.kind === "flow" || one.kind === "run") || drawn.nodes[0];
  if (first) { show(first.id); scroller.scrollTop = 0; }
}
for (const id of ["map-tools", "canvas", "map-keys", "legend"]) $(id).hidden = false;
$("fold-box").hidden = !heads.length; $("fold").checked = heads.length > 0 && map.nodes.length > LARGE;
$("outline").open = false;
draw(); begin();
inner.dataset.ms = Math.round(performance.now() - began);
if (!inner.dataset.known) marked();
const asked = decodeURIComponent(location.hash.slice(1)).replace(/^step-/, ""), wanted = asked && map.nodes.find(one => one.key === asked);
if (wanted) select(at_(wanted.id), true);
document.addEventListener("studio:edited", marked);
})();
