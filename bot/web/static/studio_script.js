/* The script page: opens forms in their step, puts changed steps in place, and never touches what is being written. */
"use strict";
(() => {
const S = studio, { $, all } = S, F = S.forms, { W, el, icon, base, flow } = F, script = $("#script"), KEPT = `studio:form:${S.draft}:${flow}`;
document.body.dataset.live = "yes";
const anchor = key => "step-" + key.replace("#", "");
const stepOf = key => $(`.step[data-key="${CSS.escape(key)}"]`, script);
const keys = () => all(".step[data-key]", script).map(one => one.dataset.key);
/* The flow has another name by now: this page goes there, with what is half written. */
function moved(answer) {
  const to = answer.redirected && new URL(answer.url).pathname.match(/^(.*\/flows\/([a-z0-9-]+))\/[a-z]+$/), kept = S.noted(KEPT);
  if (!to) return;
  F.flush();
  if (kept) { S.note(KEPT.replace(/[^:]+$/, to[2]), kept); S.note(KEPT, null); }
  location.replace(to[1] + location.hash);
}
const fetched = async address => { const answer = await fetch(address, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(15000) }); moved(answer); if (!answer.ok || answer.redirected) throw new Error("late"); return new DOMParser().parseFromString(await answer.text(), "text/html"); };

/* ── putting in place what changed ── */
let asked = 0, timer = 0, by = null;
function soon(wait = 40) { clearTimeout(timer); timer = setTimeout(refresh, wait); }
async function refresh(waits = "") {
  const mine = ++asked;
  let fresh;
  try { fresh = await fetched(`${base}/part?have=${all(".step[data-mark]", script).map(one => one.dataset.mark).join(".")}${waits}`); } catch { if (mine === asked) soon(3000); return; }
  if (mine !== asked) return;
  place(fresh);
  F.words(true).catch(() => {});
  if (!fresh.body.firstElementChild.dataset.known) return refresh("&wait=1");
  problems(fresh, waits.includes("mends"));
  if (waits.includes("mends")) return;
  marks();
  if ($(".problem", script)) await refresh("&wait=1&mends=1"); /* to prove a button takes longer than to find what is wrong */
}
function place(fresh) {
  const title = fresh.getElementById("flow-title");
  if (title && $("#flow-title").textContent !== title.textContent) $("#flow-title").textContent = title.textContent;
  const order = all("#script > .step", fresh), there = new Set(order.map(one => one.dataset.key));
  all(".step.waits", script).forEach(one => one.remove());
  for (const step of all(".step[data-key]", script)) if (!there.has(step.dataset.key)) { const next = step.contains(document.activeElement) ? step.nextElementSibling || step.previousElementSibling : null; step.remove(); if (next) $("[data-edit]", next)?.focus({ preventScroll: true }); }
  let before = null;
  for (const is of order) {
    let was = stepOf(is.dataset.key);
    if (!was) { was = document.importNode(is, true); was.classList.add("fresh"); }
    else if (is.children.length > 1 && was.dataset.mark !== is.dataset.mark) changed(was, is);
    const right = before ? before.nextElementSibling : script.firstElementChild;
    if (right !== was && !(right?.classList.contains("adding") && right.nextElementSibling === was)) { const focus = was.contains(document.activeElement) ? document.activeElement : null; if (before) before.after(was); else script.prepend(was); focus?.focus({ preventScroll: true }); }
    before = was;
    if (before.nextElementSibling?.classList.contains("adding")) before = before.nextElementSibling;
  }
  $(".adds [data-add]").dataset.add = order.length ? order[order.length - 1].dataset.key : "";
}
function changed(was, is) {
  const focus = was.querySelector(":scope > .line")?.contains(document.activeElement) ? document.activeElement : null, tool = focus?.dataset && ("edit" in focus.dataset ? "[data-edit]" : "add" in focus.dataset ? "[data-add]" : "");
  for (const part of [".kind", ".line"]) $(":scope > " + part, was).replaceWith(document.importNode($(":scope > " + part, is), true));
  was.dataset.mark = is.dataset.mark;
  if (tool) $(tool, was)?.focus({ preventScroll: true });
  if (by) { const said = el("span", { className: "tag time by", textContent: by }); $(".line > header", was).append(said); was.classList.add("fresh"); }
  const form = $("form.form", was);
  if (form && form.dataset.mode === "edit") again(was, form);
}
function problems(fresh, whole = false) {
  const said = new Map(all(".problems[data-for]", fresh).map(one => [one.dataset.for, one.innerHTML]));
  for (const step of all(".step[data-key]", script)) { const box = $(":scope > .problems", step), html = said.get(step.dataset.key) || ""; if (box && (whole || rules(box.innerHTML) !== rules(html)) && box.innerHTML.trim() !== html.trim() && !box.contains(document.activeElement)) box.innerHTML = html; }
  const head = $('#about .problems'); if (head) head.innerHTML = said.get("") || "";
}
/* What is said of the problems, without their buttons: those stay until new ones are proved. */
const rules = html => { const box = el("div"); box.innerHTML = html; return all(".problem", box).map(one => one.dataset.rule + $("b", one).textContent).join("|"); };
async function marks() { S.marks(); by = null; }

/* A form that stands open while its step changed: what nobody wrote in is renewed, what is being written stays. */
async function again(step, form) {
  if (S.pending() && !form.again) return;
  let fresh;
  try { fresh = $("form.form", await fetched(`${base}/form?step=${encodeURIComponent(step.dataset.key)}`)); } catch { return; }
  const areas = all("[data-language][data-id]", form), open = areas.filter(F.dirty), focus = document.activeElement;
  if (form.again || (!open.length && !form.contains(focus))) {
    const where = form.contains(focus) ? path(form, focus) : null, opened = all("details", form).map(one => one.open), scroll = scrollY;
    const next = document.importNode(fresh, true);
    form.replaceWith(next);
    all("details", next).forEach((one, n) => { if (opened[n]) one.open = true; });
    await F.live(next);
    scrollTo(0, scroll);
    if (where) find(next, where)?.focus({ preventScroll: true });
    return;
  }
  form.body = JSON.parse(fresh.dataset.body) || {};
  for (const area of areas) {
    const is = $(`[data-id="${CSS.escape(area.dataset.id)}"][data-language="${area.dataset.language}"]`, fresh);
    if (is && !F.dirty(area) && area.value.trim() !== is.defaultValue.trim()) { const at = area.selectionStart; area.value = area.was = is.defaultValue; if (area === focus) area.setSelectionRange(at, at); }
  }
}
const fields = form => all("input, select, textarea, button, summary", form);
const path = (form, e) => ({ id: e.dataset.id, language: e.dataset.language, n: fields(form).indexOf(e) });
const find = (form, at) => (at.id && $(`[data-id="${CSS.escape(at.id)}"][data-language="${at.language}"]`, form)) || fields(form)[at.n];

/* ── forms ── */
function closeAll(but) {
  F.flush();
  for (const step of all(".step.now", script)) if (step !== but) shut(step);
  for (const row of all(".adding", script)) if (row !== but) { row.remove(); forget(); }
}
function shut(step, focus) { $(":scope > .edit", step)?.remove(); step.classList.remove("now"); if (focus) $("[data-edit]", step)?.focus({ preventScroll: true }); }
async function open(key, { id = "" } = {}) {
  const step = stepOf(key);
  if (!step) return;
  closeAll(step);
  step.classList.add("now");
  let box = $(":scope > .edit", step);
  if (!box) {
    box = el("div", { className: "edit" }); step.append(box);
    try { const form = document.importNode($("form.form", await fetched(`${base}/form?step=${encodeURIComponent(key)}`)), true); box.replaceChildren(form); await F.live(form); } catch { shut(step, true); S.show("offline"); return; }
  }
  const reader = document.documentElement.lang;
  ($(`[data-id="${CSS.escape(id)}"][data-language="${reader}"]`, box) || $(`[data-language="${reader}"]`, box) || $("[data-language]", box) || $(".first", box))?.focus({ preventScroll: true });
  const field = document.activeElement;
  if (box.contains(field) && field.matches("textarea")) field.setSelectionRange(field.value.length, field.value.length);
  box.scrollIntoView({ block: "nearest" });
}
async function add(after, word = "") {
  closeAll();
  const row = el("li", { className: "step adding now" }), box = el("div", { className: "edit" }); row.append(box);
  const before = stepOf(after);
  if (before) before.after(row); else script.prepend(row);
  return kind(row, after, word);
}
async function kind(row, after, word) {
  const box = $(".edit", row);
  try { const form = document.importNode($(".form", await fetched(`${base}/add?after=${encodeURIComponent(after)}&word=${encodeURIComponent(word)}`)), true); box.replaceChildren(form); if (word) await F.live(form); } catch { row.remove(); S.show("offline"); return null; }
  ($(`[data-language="${document.documentElement.lang}"]`, box) || $("[data-language], select:not([hidden])", box) || $(".kind-of", box) || $(".first", box))?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  return row;
}
/* What is typed into a new step stays in the browser until it was sent. */
function remember(form) {
  const values = fields(form).filter(one => one.matches("input, select, textarea")).map(one => one.type === "checkbox" ? one.checked : one.value);
  S.note(KEPT, { after: form.dataset.after, word: form.dataset.word, rows: all(".of-kind[data-for=own] .choice", form).length, values });
}
function forget() { S.note(KEPT, null); }
async function restore() {
  const kept = S.noted(KEPT);
  if (!kept || !kept.word) return;
  const row = await add(stepOf(kept.after) ? kept.after : keys().pop() || "", kept.word), form = row && $("form.form", row);
  if (!form) return;
  while (all(".of-kind[data-for=own] .choice", form).length < kept.rows) $("[data-more]", form).click();
  fields(form).filter(one => one.matches("input, select, textarea")).forEach((one, n) => { if (kept.values[n] === undefined) return; if (one.type === "checkbox") one.checked = kept.values[n]; else one.value = kept.values[n]; });
  for (const select of all("[data-kind-of], [data-lead]", form)) select.dispatchEvent(new Event("change", { bubbles: true }));
  remember(form);
}

/* ── what is pressed ── */
script.addEventListener("click", e => {
  const button = e.target.closest("button, a"), step = e.target.closest(".step");
  if (button?.matches("[data-edit]")) { if (step.classList.contains("now") && $(":scope > .edit", step)) { F.flush(); shut(step, true); } else open(step.dataset.key); }
  else if (button?.matches("[data-add]")) add(button.dataset.add);
  else if (button?.matches(".kind-of")) kind(step, $(".kinds", step).dataset.after, button.dataset.word);
  else if (button?.matches(".kinds [data-close]")) { const after = $(".kinds", step).dataset.after; step.remove(); (stepOf(after) ? $("[data-edit]", stepOf(after)) : $(".adds button"))?.focus(); }
  else if (button?.dataset.mend) { button.disabled = true; S.edit(JSON.parse(button.dataset.mend)).then(() => { S.say(W.mended); $("[data-edit]", step)?.focus({ preventScroll: true }); }); }
  else if (!button && e.target.closest(".line [data-text]") && !getSelection().toString()) open(step.dataset.key, { id: e.target.closest("[data-text]").dataset.text });
});
$(".adds").addEventListener("click", e => { const button = e.target.closest("[data-add]"); if (button) add(button.dataset.add); });
script.addEventListener("input", e => { const form = e.target.closest("form.form[data-mode=add]"); if (form) remember(form); });
script.addEventListener("change", e => { const form = e.target.closest("form.form[data-mode=add]"); if (form) remember(form); });
script.addEventListener("compose", async e => {
  const form = e.target, row = form.closest(".step");
  if (form.sends) return;
  form.sends = true;
  const signs = await F.settled(form), made = F.compose(form);
  form.sends = false;
  if (!made) return;
  row.classList.add("sent"); form.hidden = true;
  const wait = el("p", { className: "line waiting" }, el("span", { dir: "auto", textContent: made.shown || W.waiting }), el("span", { className: "st time" }, icon("wait"), el("span", { textContent: W.waiting })));
  row.append(wait); forget();
  const answer = await S.edit(made.edits);
  if (!signs) F.late(made.edits);
  if (answer.clashes?.length) { form.hidden = false; wait.remove(); row.classList.remove("sent"); remember(form); return; }
  row.classList.remove("adding"); row.classList.add("waits");
  await refresh();
  const step = made.name && stepOf(made.name);
  if (step) { step.scrollIntoView({ block: "nearest" }); $("[data-edit]", step).focus({ preventScroll: true }); S.say(W.added); }
});
script.addEventListener("press", e => {
  const button = e.detail, d = button.dataset, step = button.closest(".step"), key = step.dataset.key, order = keys();
  if ("close" in d) { F.flush(); if (step.classList.contains("adding")) { const after = $("form", step).dataset.after; step.remove(); forget(); (stepOf(after) ? $("[data-edit]", stepOf(after)) : $(".adds button"))?.focus(); } else shut(step, true); }
  else if (d.move) move(key, d.move, button);
  else if ("remove" in d) { shut(step); const next = step.nextElementSibling || step.previousElementSibling; S.edit([{ type: "remove-step", flow, step: key }]).then(() => S.say(W.removed)); step.classList.add("going"); $("[data-edit]", next || document)?.focus(); }
  else if ("rename" in d) { const box = $(".renaming", step); box.hidden = !box.hidden; if (!box.hidden) $("input", box).select(); }
  else if ("renameGo" in d) {
    const to = $("[data-new-name]", step).value.trim();
    if (!/^[a-z][a-z0-9-]{0,39}$/.test(to) || (to !== key && order.includes(to))) return F.refuse($("form", step), W["no.name"], $("[data-new-name]", step));
    if (to !== key) { shut(step); S.edit([{ type: "rename-step", flow, step: key, to }]).then(async () => { await refresh(); location.hash = anchor(to); $("[data-edit]", stepOf(to) || document)?.focus(); }); }
  }
});
function move(key, way, button) {
  const order = keys(), n = order.indexOf(key), step = stepOf(key);
  if ((way === "up" && n <= 0) || (way === "down" && n >= order.length - 1)) { S.say(W["no-further"]); return; }
  F.flush();
  const after = way === "up" ? order[n - 2] || "" : order[n + 1];
  if (key.startsWith("#")) shut(step);
  if (way === "up") step.previousElementSibling.before(step); else step.nextElementSibling.after(step);
  button?.focus({ preventScroll: true }); step.scrollIntoView({ block: "nearest" });
  S.edit([{ type: "move-step", flow, step: key, after }]).then(() => S.say(W.moved));
}
addEventListener("keydown", e => {
  const step = e.target.closest?.(".step");
  if (e.key === "Escape" && step && !e.target.closest("dialog")) { const close = $("[data-close]", step); if (close && (!step.classList.contains("adding") || !all("textarea, input", step).some(one => one.value.trim() && one.type !== "checkbox" && !one.readOnly && !one.matches("[data-set]")))) { e.preventDefault(); close.click(); } }
  else if (e.altKey && (e.key === "ArrowUp" || e.key === "ArrowDown") && step?.dataset.key && !e.target.matches("textarea, select, input")) { e.preventDefault(); move(step.dataset.key, e.key === "ArrowUp" ? "up" : "down", e.target); }
  else if ((e.ctrlKey || e.metaKey) && e.key === "Enter" && step) { const form = e.target.closest("form"); if (form) { e.preventDefault(); form.dataset.mode === "add" ? form.requestSubmit() : F.flush(); } }
});

const phones = on => { document.body.classList.toggle("no-phones", !on); $("[data-phones]").setAttribute("aria-pressed", on); };
phones(S.noted("studio:phones") !== false);
$("[data-phones]").addEventListener("click", () => { const on = document.body.classList.contains("no-phones"); phones(on); S.note("studio:phones", on); });

/* ── what was kept, and what others did ── */
document.addEventListener("studio:edited", e => { if (e.detail.undone) by = null; soon(); });
document.addEventListener("studio:changed", e => { const { clash, by: name, at, mine } = e.detail; if (clash) theirs(clash); if (name && !mine) by = `${name} · ${at}`; soon(); });
document.addEventListener("studio:refresh", () => soon());
/* Whoever let the other wording stand sees it where their own stood. */
function theirs(clash) {
  if (clash.edit.type !== "text") { for (const form of all("form.form[data-mode=edit]", script)) form.again = true; return; }
  for (const area of all(`[data-id="${CSS.escape(clash.edit.id)}"][data-language="${clash.edit.language}"]`, script)) area.value = area.was = clash.theirs;
}
if (location.hash.startsWith("#step-")) requestAnimationFrame(() => document.getElementById(location.hash.slice(1))?.scrollIntoView());
addEventListener("hashchange", () => { const step = document.getElementById(location.hash.slice(1)); if (step?.matches(".step")) { $("[data-edit]", step)?.focus({ preventScroll: true }); } });
F.words().then(restore).catch(() => {});
$("#about .opt")?.addEventListener("toggle", e => { const form = $(".head-form", e.target); if (e.target.open && !form.body) F.live(form); });
if (document.body.dataset.health === "waits" || $(".problem", script)) refresh("&wait=1");
})();
