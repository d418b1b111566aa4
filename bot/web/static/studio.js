/* What every page of the studio shares: edits are kept in the browser until the server has confirmed them, and sent again after a lost line,
   a closed tab or a laptop that slept. An act has a name, so sent twice it is done once. Two wordings are both shown; nobody's is dropped. */
"use strict";
window.studio = (() => {
const body = document.body, draft = body.dataset.draft || "", KEY = "studio:" + draft;
const $ = (s, e = document) => e.querySelector(s), all = (s, e = document) => [...e.querySelectorAll(s)];
const waits = new Map(); /* action → what to call once it is confirmed */
let busy = false, timer = 0, pause = 1000, revision = body.dataset.revision || "";
const token = () => ({ "X-Form-Token": $('meta[name="form-token"]')?.content || "" });
const load = () => { try { return JSON.parse(localStorage.getItem(KEY)) || []; } catch { return []; } };
let memory = load(); /* also where the browser keeps nothing */
const keep = queue => { memory = queue; try { if (queue.length) localStorage.setItem(KEY, JSON.stringify(queue)); else localStorage.removeItem(KEY); } catch { /* private window: kept in the page */ } };
const queue = () => { const kept = load(), known = new Set(kept.map(one => one.action)); return [...kept, ...memory.filter(one => !known.has(one.action) && waits.has(one.action))]; };
const name = () => crypto.randomUUID ? crypto.randomUUID() : [...crypto.getRandomValues(new Uint8Array(16))].map(b => b.toString(16).padStart(2, "0")).join("");
const tell = (kind, detail) => document.dispatchEvent(new CustomEvent("studio:" + kind, { detail }));
const say = text => { const place = $("#say"); if (place) { place.textContent = ""; setTimeout(() => { place.textContent = text; }, 50); } };

/* ── the line that says what became of it ── */
const MARKS = { saved: "ok", offline: "offline", signed: "key", over: "warn" };
function show(state, values = {}) {
  const place = $("#saved");
  if (!place) return;
  const text = Object.entries(values).reduce((all, [key, value]) => all.replace(`{${key}}`, value), body.dataset[state] || "");
  const st = document.createElement("span");
  st.className = "st" + (state === "saved" ? " good" : state === "saving" ? "" : " time");
  if (MARKS[state]) st.innerHTML = `<svg class="i" aria-hidden="true"><use href="#i-${MARKS[state]}"/></svg>`;
  st.append(Object.assign(document.createElement("span"), { textContent: text }));
  place.replaceChildren(st);
  place.dataset.state = state;
}

/* Words that are on their way to being an edit are not saved yet; what is given back says again what stood there. */
function soon() {
  const place = $("#saved");
  if (!place) return () => {};
  const stood = [...place.childNodes], state = place.dataset.state;
  show("saving");
  const saving = place.firstChild;
  return () => { if (place.firstChild === saving) { place.replaceChildren(...stood); place.dataset.state = state ?? ""; } };
}

/* ── sending ── */
function edit(edits, { action = name(), note = null, own = false } = {}) {
  const waiting = queue(), before = waiting[waiting.length - 1], [one] = edits;
  if (waiting.length > (busy ? 1 : 0) && edits.length === 1 && one.type === "text" && before.edits.length === 1 && before.edits[0].type === "text" && before.edits[0].id === one.id && before.edits[0].language === one.language) {
    before.edits[0].text = one.text; /* the same words, written on while the line was down: one act */
    const known = waits.get(before.action);
    keep(waiting); show("saving"); send();
    return new Promise(done => waits.set(before.action, answer => { known?.(answer); done(answer); }));
  }
  const promise = new Promise(done => waits.set(action, done));
  keep([...waiting, { action, edits, note, own }]);
  show("saving");
  send();
  return promise;
}
async function send() {
  if (busy || !draft) return;
  const [first] = queue();
  if (!first) return;
  busy = true; clearTimeout(timer);
  try {
    const answer = await fetch(`/studio/d/${encodeURIComponent(draft)}/edit`, { method: "POST", signal: AbortSignal.timeout(20000), headers: { "Content-Type": "application/json", Accept: "application/json", ...token() }, body: JSON.stringify({ action: first.action, edits: first.edits, seen: revision }) });
    if (answer.status === 401 || answer.redirected || answer.status === 409 || answer.status === 403) { show("signed"); later(15000); return; }
    if (answer.status === 410 || answer.status === 404) { show("over"); return; }
    if (answer.status === 422 || answer.status === 413) { done(first, { refused: true, clashes: first.edits.map(one => ({ why: "form", edit: one, mine: words(one), theirs: "" })) }); return; }
    if (!answer.ok) throw new Error("late");
    pause = 1000;
    done(first, await answer.json());
  } catch { show("offline"); later(pause); pause = Math.min(pause * 2, 15000); } finally { busy = false; if (!timer) send(); }
}
const later = after => { clearTimeout(timer); timer = setTimeout(() => { timer = 0; send(); }, after); };
/* What can be taken back is known by the server: the button is there after a reload, and gone once nothing of mine is left. */
function undoable(at) { const button = $("#undo"); if (button) { button.hidden = !at; button.title = at ? button.dataset.of.replace("{time}", at) : ""; } }
function done(first, answer) {
  keep(queue().filter(one => one.action !== first.action));
  if (answer.revision) { revision = answer.revision; body.dataset.revision = revision; }
  if (!queue().length && !answer.refused) show("saved", { time: answer.at || "" });
  if (!answer.refused) undoable(answer.undo);
  waits.get(first.action)?.(answer); waits.delete(first.action);
  if (answer.by) tell("changed", { by: answer.by, at: answer.at, revision });
  tell("edited", { ...answer, edits: first.edits, action: first.action });
  if (answer.clashes?.length && !first.own) clashes.push(...answer.clashes), choose(); /* own: its page shows both wordings itself */
}
const words = one => one.text ?? (typeof one.value === "string" ? one.value : one.value ? JSON.stringify(one.value, null, 1) : one.to ?? "");

/* ── both wordings ── */
const clashes = [];
function choose() {
  const box = $("#clash");
  if (!box || box.open || !clashes.length) return;
  const clash = clashes[0], plain = clash.why === "changed" && ("text" in clash.edit || typeof clash.edit.value === "string") && clash.edit.type !== "file";
  for (const hint of all("[data-when]", box)) hint.hidden = hint.dataset.when !== clash.why;
  $(".mine", box).textContent = clash.mine || words(clash.edit);
  $(".theirs", box).textContent = clash.theirs;
  for (const side of [$(".mine", box), $(".theirs", box)]) { if (clash.edit.language) side.lang = clash.edit.language; else side.removeAttribute("lang"); }
  $(".theirs-box", box).hidden = clash.why !== "changed";
  $('[value="mine"]', box).hidden = !plain; $('[value="theirs"]', box).hidden = !plain; $('[value="close"]', box).hidden = plain;
  box.showModal();
}
$("#clash")?.addEventListener("click", e => {
  const how = e.target.closest("button")?.value, box = $("#clash");
  if (!how) return;
  box.close();
  const clash = clashes.shift();
  if (how === "mine") edit([{ ...clash.edit, was: clash.theirs }]); else tell("changed", { revision, clash });
  choose();
});
$("#clash")?.addEventListener("cancel", e => e.preventDefault()); /* a choice is made, not slipped past */

/* ── who else writes ── */
async function look() {
  if (!draft || document.hidden || busy || queue().length) return;
  try {
    const answer = await fetch(`/studio/d/${encodeURIComponent(draft)}/state`, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(8000) });
    if (answer.status === 410 || answer.status === 404) return show("over");
    if (!answer.ok || answer.redirected) return;
    const is = await answer.json();
    if (is.revision === revision || busy || queue().length) return;
    revision = is.revision; body.dataset.revision = revision; undoable(is.undo);
    tell("changed", is);
  } catch { /* the next look will tell */ }
}
document.addEventListener("studio:changed", e => {
  const bar = $("#elsewhere");
  if (!bar || !e.detail.by || e.detail.mine) return;
  bar.firstElementChild.textContent = body.dataset.changed.replace("{name}", e.detail.by).replace("{time}", e.detail.at);
  bar.hidden = false;
});
$("#elsewhere button")?.addEventListener("click", () => { $("#elsewhere").hidden = true; if (!tell("refresh", {}) && !body.dataset.live) location.reload(); });
$("#undo")?.addEventListener("click", async () => {
  try {
    const answer = await fetch(`/studio/d/${encodeURIComponent(draft)}/undo`, { method: "POST", headers: { Accept: "application/json", ...token() } });
    if (!answer.ok) return;
    const is = await answer.json();
    revision = is.revision; undoable(is.undo); show("saved", { time: is.at }); tell("edited", { ...is, edits: [], undone: true });
    if (is.clashes?.length) clashes.push(...is.clashes), choose();
    if (!body.dataset.live || new URLSearchParams(location.search).has("said")) { /* what was said of the act is true no more */
      const asked = new URLSearchParams(location.search);
      for (const one of ["said", "taken", "left"]) asked.delete(one);
      location.replace(location.pathname + (String(asked) ? `?${asked}` : ""));
    }
  } catch { show("offline"); }
});

addEventListener("online", () => { timer = 0; send(); });
addEventListener("offline", () => { if (queue().length) show("offline"); });
addEventListener("pageshow", () => send());
document.addEventListener("visibilitychange", () => { if (!document.hidden) { send(); look(); } });
addEventListener("storage", e => { if (e.key === KEY) send(); });
if (draft) { setInterval(look, 4000); if (queue().length) { show("saving"); send(); } }

/* ── what is wrong where: after the page, and after each edit ── */
let marking = 0;
async function marks() {
  if (!draft) return;
  const mine = ++marking;
  try {
    const fresh = await part(`/studio/d/${encodeURIComponent(draft)}/health`);
    if (mine !== marking) return;
    for (const kind of ["flow", "area"]) for (const place of all(`.mark-of[data-${kind}]`)) {
      const is = $(`[data-${kind}="${place.dataset[kind]}"]`, fresh), good = kind === "flow" ? $('[data-flow=""]', fresh).innerHTML : "", html = is ? is.innerHTML : good;
      if (place.innerHTML !== html) place.innerHTML = html;
    }
    body.dataset.health = "known";
  } catch { /* the next edit asks again */ }
}
document.addEventListener("studio:edited", () => { if (!body.dataset.live) marks(); });
if (draft && body.dataset.health === "waits") marks();

/* ── the signs of a language ── */
const SIGNED = new Set(["fr", "ar"]), LATE = 1500;
/* The text with its signs; null where they cannot be had. */
async function signed(language, text) {
  if (!SIGNED.has(language) || !text.trim()) return null;
  try {
    const answer = await fetch(`/studio/d/${encodeURIComponent(draft)}/texts/signs`, { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json", ...token() }, signal: AbortSignal.timeout(8000), body: JSON.stringify({ id: "", language, text }) });
    return answer.ok ? (await answer.json()).mended : null;
  } catch { return null; }
}
/* They are set as one leaves a text. An answer that is late keeps nobody waiting: the words are kept first, and their signs set after.
   `still`: whether the text stands as it was asked about and nobody is in it; `set` puts the signs in, `keep` makes it an edit. */
async function leave(text, asked, { still, set, keep }) {
  const settled = soon(), sign = mended => { if (mended && mended !== text.trim() && still()) set(mended); };
  addEventListener("pagehide", keep);
  const found = await Promise.race([asked, new Promise(done => setTimeout(done, LATE, undefined))]);
  removeEventListener("pagehide", keep);
  if (found !== undefined) sign(found); else asked.then(mended => { sign(mended); keep(); });
  settled();
  keep();
}

/* What is typed and not yet an edit: kept by name, until it is one. */
const note = (key, value) => { try { if (value === null) localStorage.removeItem(key); else localStorage.setItem(key, JSON.stringify(value)); } catch { /* kept in the page alone */ } };
const noted = key => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };

/* A part of a page, fetched as a page. */
const part = async address => { const answer = await fetch(address, { headers: { Accept: "text/html", ...token() }, signal: AbortSignal.timeout(15000) }); if (!answer.ok || answer.redirected) throw new Error("late"); return new DOMParser().parseFromString(await answer.text(), "text/html"); };
return { $, all, draft, edit, part, marks, note, noted, say, show, signed, leave, LATE, token, name, pending: () => queue().length, get revision() { return revision; } };
})();
