/* The phones of a draft. All that was done is kept here and sent each time; the server keeps nothing of it. A press acts in every phone;
   words are typed in one, and mean the same in the others. A tap on a message makes it writable where it stands. */
"use strict";
window.phones = (() => {
const pane = document.getElementById("phone");
if (!pane) return null;
const $ = (s, e = pane) => e.querySelector(s), all = (s, e = pane) => [...e.querySelectorAll(s)];
const { draft, flow, lang } = pane.dataset, KEY = `phone:${draft}:${pane.dataset.test || flow}`, stage = $("[data-stage]"), shows = $("[data-shows]");
const address = `/studio/d/${encodeURIComponent(draft)}/phone`, speaks = `?lang=${lang}`;
const fresh = name => ({ flow: name, languages: [], country: "?", at: "", there: "", verified: false, slow: false, known: {}, deeds: name ? [{ do: "starts" }] : [] });
let state = fresh(flow), asked = 0, told = null, focus = null, later = false;
try { state = { ...state, ...JSON.parse(sessionStorage.getItem(KEY) || "{}") }; } catch { /* begun anew */ }
const keep = () => { try { sessionStorage.setItem(KEY, JSON.stringify(state)); } catch { /* for this page only */ } };
const say = text => { const place = document.getElementById("say"); if (place && text) place.textContent = text; };
async function post(path, body) {
  const answer = await fetch(address + path + speaks, { method: "POST", signal: AbortSignal.timeout(30000), headers: { "Content-Type": "application/json", "X-Form-Token": document.querySelector('meta[name="form-token"]')?.content || "" }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/* ── showing ── */
async function load() {
  const mine = ++asked;
  keep();
  shows.setAttribute("aria-busy", "true");
  try {
    const answer = await post("", state);
    if (mine !== asked) return;
    if (writing()) { later = true; return; }
    show(answer);
  } catch {
    if (mine === asked) fail();
  } finally { if (mine === asked) shows.setAttribute("aria-busy", "false"); }
}
function show(answer) {
  const typed = Object.fromEntries(all("[data-try]").map(form => [form.dataset.try, form.words.value]));
  told = answer;
  state = { ...state, at: answer.at.replace("T", " "), country: answer.country, languages: answer.shown.length ? answer.shown : state.languages };
  keep();
  shows.innerHTML = answer.html;
  for (const form of all("[data-try]")) form.words.value = focus?.sent === form.dataset.try ? "" : typed[form.dataset.try] || "";
  for (const screen of all(".screen")) screen.scrollTop = screen.scrollHeight;
  settings(answer);
  refocus(answer);
  mark();
  every();
}
/* Where the conversation stands is marked in the script beside it. */
function mark() {
  for (const one of document.querySelectorAll(".step.played")) one.classList.remove("played");
  const { flow: of = "", step = "" } = told?.stands || {};
  if (of === flow) document.getElementById(`step-${step.replace("#", "")}`)?.classList.add("played");
}
function fail() {
  const again = Object.assign(document.createElement("button"), { type: "button", className: "b", textContent: pane.dataset.again });
  const words = Object.assign(document.createElement("p"), { textContent: pane.dataset.failed });
  const box = Object.assign(document.createElement("div"), { className: "ph-note bad" });
  box.setAttribute("role", "alert");
  again.onclick = load;
  box.append(words, again);
  $(".ph-note.bad[data-failed]")?.remove();
  box.dataset.failed = "";
  shows.prepend(box);
}
function refocus(answer) {
  if (!focus) return;
  const phone = all(".phone").find(one => one.dataset.language === focus.language);
  const to = phone && (focus.kind === "try" ? $(".try input", phone) : $(".qs button", phone) || $(".screen", phone));
  to?.focus({ preventScroll: true });
  say(answer.last[focus.language]);
  focus = null;
}
function settings(answer) {
  const countries = stage.country, now = $("[data-now]");
  if (countries.options.length < 2) for (const [code, name] of answer.countries) countries.add(new Option(name, code));
  countries.value = state.country;
  stage.at.value = answer.at;
  stage.there.value = state.there;
  stage.verified.checked = state.verified; stage.slow.checked = state.slow;
  if (document.activeElement !== stage.flow) stage.flow.value = state.flow;
  now.textContent = [countries.selectedOptions[0]?.text, answer.now].filter(Boolean).join(" · ");
  const names = $("[data-languages]");
  if (!names.childElementCount) for (const code of answer.languages) {
    const label = Object.assign(document.createElement("label"), { className: "tick" });
    const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "languages", value: code });
    label.append(box, Object.assign(document.createElement("span"), { textContent: new Intl.DisplayNames([lang], { type: "language" }).of(code) }));
    names.append(label);
  }
  for (const box of all("input", names)) box.checked = state.languages.includes(box.value);
  const words = $("[data-words]");
  if (!words.childElementCount) for (const [word, label] of answer.words) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "b", textContent: label });
    Object.assign(button.dataset, { deed: "presses", value: word });
    words.append(button);
  }
  for (const one of all("[data-if]")) one.disabled = !answer[one.dataset.if];
  $('[data-do="take-back"]').disabled = state.deeds.length <= (state.flow ? 1 : 0);
}

/* ── doing ── */
function act(deed, where = null) {
  if (state.deeds.length >= 400) return;
  const cut = told && told.refused >= 0 ? told.refused : state.deeds.length;
  state.deeds = [...state.deeds.slice(0, cut), deed];
  focus = where;
  load();
}
function restart(changes = {}) { state = { ...state, known: {}, ...changes }; state.deeds = state.flow ? [{ do: "starts" }] : []; load(); }
function play(request) { state = { ...fresh(request.flow ?? state.flow), languages: state.languages, slow: state.slow, at: "2026-11-23 10:00", country: "", deeds: [], ...request }; load(); shows.scrollIntoView({ block: "nearest" }); }
function press(button) {
  const { deed, value, minutes } = button.dataset, phone = button.closest(".phone");
  act({ do: deed, ...(value ? { words: value } : {}), ...(minutes ? { minutes: +minutes } : {}) }, phone ? { kind: "press", language: phone.dataset.language } : null);
}
pane.addEventListener("click", event => {
  const target = event.target.closest("[data-deed], [data-text], [data-do], [data-cut], [data-confirm]");
  if (!target || target.disabled) return;
  if (target.dataset.deed) press(target);
  else if ("text" in target.dataset) write(target);
  else if (target.dataset.confirm) { target.disabled = true; window.studio.edit([{ type: "confirm", id: target.dataset.confirm, language: target.dataset.in, was: target.dataset.was }]); }
  else if (target.dataset.cut) { state.deeds = state.deeds.slice(0, +target.dataset.cut); load(); }
  else if (target.dataset.do === "restart") restart();
  else if (target.dataset.do === "keep") keepTest();
  else if (target.dataset.do === "leave-test") { test = ""; $("[data-told]").hidden = true; restart(); }
  else if (target.dataset.do === "take-back") { state.deeds = state.deeds.slice(0, -1); load(); }
});
pane.addEventListener("submit", event => {
  const form = event.target;
  if (form.matches("[data-try]")) {
    event.preventDefault();
    const words = form.words.value.trim();
    if (words) act({ do: "writes", words, language: form.dataset.try }, { kind: "try", language: form.dataset.try, sent: form.dataset.try });
  } else if (form.matches("[data-staff]")) {
    event.preventDefault();
    const words = form.words.value.trim();
    if (words) { act({ do: "staff-writes", words }); form.words.value = ""; }
  } else if (form.matches("[data-stage]")) event.preventDefault();
});
stage.addEventListener("change", event => {
  const { name } = event.target;
  if (name === "flow") restart({ flow: stage.flow.value, country: stage.flow.value ? state.country || "?" : state.country });
  else if (name === "details") pane.classList.toggle("with-facts", stage.details.checked);
  else if (name === "languages") {
    const chosen = all("[data-languages] input:checked").map(box => box.value);
    if (!chosen.length) { event.target.checked = true; return; }
    state.languages = chosen; load();
  } else {
    state = { ...state, country: stage.country.value, at: stage.at.value.replace("T", " "), there: stage.there.value, verified: stage.verified.checked, slow: stage.slow.checked };
    load();
  }
});
pane.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (/^[1-9]$/.test(event.key) && !event.target.closest("input, textarea, select")) {
    const phone = event.target.closest(".phone"), button = phone && $(`[data-digit="${event.key}"]`, phone);
    if (button) { event.preventDefault(); press(button); }
  } else if (event.key === "Escape" && event.target.closest(".try")) event.target.closest(".phone").querySelector(".screen").focus();
});

/* ── every path ── */
const paths = $("[data-ways]"), found = $("[data-found]");
let played = "", requests = [];
async function every() {
  const name = state.flow, stamp = `${name}:${document.body.dataset.revision || ""}`;
  if (!paths.open || played === stamp) return;
  if (!name) { found.textContent = pane.dataset.choose; return; }
  played = stamp;
  found.textContent = pane.dataset.playing;
  found.setAttribute("aria-busy", "true");
  try {
    const answer = await post("/ways", { flow: name });
    if (played !== stamp) return;
    requests = answer.requests;
    found.innerHTML = answer.html;
    $("[data-count]").textContent = answer.ends || "";
  } catch { played = ""; found.textContent = pane.dataset.failed; }
  found.setAttribute("aria-busy", "false");
}
paths.addEventListener("toggle", every);
pane.addEventListener("click", event => { const one = event.target.closest("[data-play]"); if (one) play(requests[+one.dataset.play]); });

/* ── keeping it as a test ── */
const dialog = $("#keep-test"), form = $("form", dialog), wrong = $("#keep-wrong");
const draftTest = () => post("/keep", { ...state, slow: undefined, name: form.name.value.trim(), title: form.title.value.trim() });
function judge(answer) {
  wrong.textContent = answer.said; wrong.hidden = !answer.why;
  form.name.setAttribute("aria-invalid", String(answer.why === "name" || answer.why === "taken"));
  $("[data-where]", form).textContent = answer.where;
  $(".chat-text", form).textContent = answer.text;
  $('[value="keep"]', form).disabled = !answer.text;
}
async function keepTest() {
  dialog.showModal();
  form.name.focus();
  try { judge(await draftTest()); } catch { judge({ said: pane.dataset.failed, why: "late", where: "", text: "" }); }
}
form.addEventListener("submit", async event => {
  event.preventDefault(); event.stopPropagation();
  if (!form.name.value.trim()) { form.name.focus(); return; }
  try {
    const answer = await draftTest();
    judge(answer);
    if (answer.why) { form.name.focus(); return; }
    dialog.close();
    const done = await window.studio.edit([{ type: "file", file: answer.path, text: answer.text, base: null }]);
    if (!done.clashes?.length) say(pane.dataset.kept.replace("{name}", form.name.value.trim()));
    form.reset();
  } catch { judge({ said: pane.dataset.failed, why: "late", where: "", text: "" }); }
});
$('[value="close"]', dialog).onclick = () => dialog.close();

/* ── writing where it stands ── */
const writing = () => $(".edit-part"), written = new Map(); /* what was written last of each text */
function write(part) {
  if (writing()) writing().dispatchEvent(new Event("leave"));
  const { text: id, raw, most } = part.dataset, holder = part.closest("[lang]:not(.pen)"), language = holder.lang;
  const form = $("#t-part-edit").content.firstElementChild.cloneNode(true), box = $("textarea", form), length = $("[data-length]", form), over = $("[data-over]", form);
  box.value = raw; box.lang = language; box.dir = holder.dir || "auto"; if (!raw) box.placeholder = part.textContent.trim();
  box.setAttribute("aria-label", pane.dataset.textOf.replace("{id}", id)); box.setAttribute("aria-describedby", "edit-keys");
  form.lang = lang; form.dir = document.documentElement.dir;
  const count = () => {
    const n = [...box.value.replace(/[\u2066-\u2069]/g, "").trim()].length, long = +most && n > +most;
    length.textContent = +most ? `${n} / ${most}` : String(n);
    form.classList.toggle("long", Boolean(long)); over.hidden = !long;
    box.style.blockSize = "auto"; box.style.blockSize = `${box.scrollHeight + 2}px`;
  };
  /* What is being written outlives a closed tab, and is judged as the checks will. */
  const NOW = `phone-typing:${draft}:${id}:${language}`;
  const remember = text => { try { if (text === null) localStorage.removeItem(NOW); else localStorage.setItem(NOW, text); } catch { /* private window */ } };
  try { const typed = localStorage.getItem(NOW); if (typed !== null) box.value = typed; } catch { /* private window */ }
  let waits = 0, judged = "";
  const judge = () => { clearTimeout(waits); waits = setTimeout(async () => {
    const text = box.value.trim();
    if (text === judged || !text) { if (!text) $("[data-findings]", form).replaceChildren(); return; }
    judged = text;
    try {
      const answer = await fetch(`/studio/d/${encodeURIComponent(draft)}/texts/try${speaks}`, { method: "POST", signal: AbortSignal.timeout(8000), headers: { "Content-Type": "application/json", "X-Form-Token": document.querySelector('meta[name="form-token"]')?.content || "" }, body: JSON.stringify({ id, language, text }) });
      if (!answer.ok || judged !== text) return;
      const part = document.createRange().createContextualFragment(await answer.text());
      $("[data-findings]", form).replaceChildren(...(part.querySelector(".found")?.childNodes || []));
    } catch { /* judged again with the next letter */ }
  }, 350); };
  $("[data-findings]", form).addEventListener("click", event => {
    const put = event.target.closest("[data-put]"), at = put ? box.value.indexOf(put.dataset.stands) : -1;
    if (at < 0) return;
    box.value = box.value.slice(0, at) + put.dataset.put + box.value.slice(at + put.dataset.stands.length);
    remember(box.value); count(); judge(); box.focus();
  });
  const close = () => { remember(null); clearTimeout(waits); form.remove(); part.hidden = false; (part.isConnected ? part : null)?.focus({ preventScroll: true }); if (later) { later = false; load(); } };
  let was = raw;
  const save = () => {
    let text = box.value.trim();
    if (text === raw.trim() || (!text && !raw)) { close(); return; }
    clearTimeout(waits);
    later = false;
    written.set(NOW, was);
    form.remove(); part.hidden = false; part.focus({ preventScroll: true });
    if (!part.classList.contains("pen")) part.textContent = text;
    window.studio.leave(text, window.studio.signed(language, text), {
      still: () => written.get(NOW) === was, set: mended => { text = mended; },
      keep: () => {
        remember(null);
        if (!part.classList.contains("pen")) part.textContent = text;
        part.dataset.raw = text;
        if (text === was) return;
        window.studio.edit([{ type: "text", id, language, text, was }]);
        written.set(NOW, was = text);
      },
    });
  };
  box.addEventListener("input", () => { count(); remember(box.value); judge(); });
  box.addEventListener("keydown", event => {
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); save(); }
  });
  form.addEventListener("submit", event => { event.preventDefault(); event.stopPropagation(); save(); });
  form.addEventListener("leave", save);
  $('[value="cancel"]', form).onclick = close;
  part.hidden = true;
  part.after(form);
  count(); box.focus(); if (box.value !== raw) judge();
}
/* ── a test, told again ── */
let test = pane.dataset.test;
async function tell() {
  const box = $("[data-told]");
  try {
    const answer = await post("/test", { path: test, language: pane.dataset.spoken || lang });
    box.innerHTML = answer.html; box.hidden = false;
    play(answer.request);
  } catch { test = ""; load(); }
}
document.addEventListener("studio:edited", () => { if (writing()) later = true; else if (test) tell(); else load(); });
if (test) tell(); else load();
return { act, play, post, get state() { return structuredClone(state); }, get told() { return told; } };
})();
