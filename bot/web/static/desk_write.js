/* The composer: drafts that outlive a reload, sending that waits for the line and goes once, ready replies, who else writes. */
"use strict";
(() => {
const { $, all } = Desk, DAY = 86400000;
const load = key => { try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; } };
const keep = (key, value) => { try { value ? sessionStorage.setItem(key, JSON.stringify(value)) : sessionStorage.removeItem(key); } catch { /* full or forbidden: the box itself still holds it */ } };
/* Words belong to whoever wrote them: what waits is dropped when another account signs in in the same tab. */
if (load("me") !== document.body.dataset.me) for (const key of Object.keys(sessionStorage)) if (key === "outbox" || key.startsWith("draft:")) sessionStorage.removeItem(key);
keep("me", document.body.dataset.me);
for (const key of Object.keys(sessionStorage)) if (key.startsWith("draft:") && !(Date.now() - load(key)?.at < DAY)) sessionStorage.removeItem(key);
const form = () => $("form#write"), box = () => $("#answer"), noting = () => form()?.classList.contains("noting");
const id = () => [...crypto.getRandomValues(new Uint8Array(16))].map(b => b.toString(16).padStart(2, "0")).join("");

function mode(note) {
  const f = form(), press = $("#as-note");
  if (!f || !press) return;
  f.classList.toggle("noting", note);
  press.setAttribute("aria-pressed", note);
  const b = box(), label = note ? b.dataset.note : b.dataset.answer;
  b.setAttribute("aria-label", label);
  b.dataset.here ||= b.placeholder;
  b.placeholder = note ? label : b.dataset.here;
  const send = $("#send > span");
  if (note && !send.dataset.was) { send.dataset.was = send.innerHTML; send.textContent = press.dataset.on; }
  else if (!note && send.dataset.was) { send.innerHTML = send.dataset.was; delete send.dataset.was; }
}
Desk.note = on => { mode(on); box()?.focus(); };
function store() {
  const b = box();
  if (!b) return;
  keep("draft:" + Desk.code, b.value.trim() ? { text: b.value, note: noting(), at: Date.now() } : null);
  const kept = $("#kept");
  if (kept) kept.hidden = !b.value.trim();
}
function begin() {
  corrects = 0;
  const b = box(), draft = load("draft:" + Desk.code);
  if (b && !b.value && draft) { b.value = draft.text; if (draft.note) mode(true); $("#kept").hidden = false; }
  if (!b && ["closed", "erased"].includes($("#write")?.dataset.kind)) keep("draft:" + Desk.code, null);
  show();
}
/* The box is locked, or free again, while somebody may be writing in it: words are never lost, but those for a person who erased are. */
Desk.relock = (was, is) => {
  const text = $("#answer", was)?.value || "", focused = was.contains(document.activeElement);
  $("#replies")?.remove();
  was.replaceWith(is);
  if (text && is.tagName === "FORM") { $("#answer", is).value = text; store(); if (focused) $("#answer", is).focus(); }
  else if (text && is.dataset.kind !== "erased") { const p = document.createElement("p"); p.className = "words kept"; p.dir = "auto"; p.textContent = text; is.append(p); }
  if (is.tagName !== "FORM") keep("draft:" + Desk.code, null);
  if (is.tagName === "FORM" && is.dataset.kind === "open" && was.dataset.kind !== "open") Desk.open(Desk.code, { push: false, view: Desk.body.dataset.view });
};

/* ── putting an own message right: the person gets the new words, named as a correction ── */
let corrects = 0;
function correct(n) {
  corrects = n;
  const strip = $("#correcting");
  if (strip) strip.hidden = !n;
  if (!n || !box()) return;
  mode(false);
  box().value = $(`[data-n="${n}"] .words`)?.textContent || "";
  box().focus();
}
addEventListener("click", e => {
  const press = e.target.closest("[data-correct]");
  if (e.target.closest("#as-note")) { e.preventDefault(); Desk.note(!noting()); }
  else if (press) correct(+press.dataset.correct);
  else if (e.target.closest("#correct-not")) { correct(0); box().value = ""; store(); box().focus(); }
});

/* ── sending ── */
let outbox = load("outbox") || [], going = false;
Desk.forget = code => { keep("draft:" + code, null); outbox = outbox.filter((one, n) => one.code !== code || (going && !n)); remember(); show(); };
const remember = () => keep("outbox", outbox.length ? outbox : null);
function show() {
  const place = $("#pending");
  if (!place) return;
  place.replaceChildren(...outbox.filter(one => one.code === Desk.code).map(one => {
    const e = document.createElement("div");
    e.className = one.verb === "note" ? "note pending" : "msg staff pending";
    e.innerHTML = '<div class="text"><p class="words" dir="auto"></p></div><p class="meta"><svg class="i" aria-hidden="true"><use href="#i-wait"/></svg><span></span></p>';
    $(".words", e).textContent = one.text;
    $(".meta span", e).textContent = Desk.word(one.tried ? "waits" : "goes");
    return e;
  }));
  Desk.bottom?.();
}
async function flush() {
  if (going) return;
  going = true;
  while (outbox.length) {
    const one = outbox[0];
    let answer;
    try {
      const sent = await Desk.fetch(`/desk/${encodeURIComponent(one.code)}/${one.verb}`, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(one.fields) });
      if (sent.status >= 500) throw new Error("down");
      answer = await sent.json();
    } catch (why) { if (why.message === "out") break; one.tried = true; remember(); show(); Desk.lostNow?.(); break; }
    outbox.shift();
    remember();
    if (answer.good) { if (one.code === Desk.code) { await Desk.fresh().catch(() => {}); show(); } if (answer.why !== "sent" && answer.why !== "done") Desk.said(answer.said, true); }
    else {
      const draft = load("draft:" + one.code);
      if (answer.why !== "erased") keep("draft:" + one.code, { text: draft ? `${one.text}\n${draft.text}` : one.text, note: one.verb === "note", at: Date.now() });
      show();
      if (one.code === Desk.code) { const b = box(); if (b && answer.why !== "erased") { b.value = b.value.trim() ? `${one.text}\n${b.value}` : one.text; store(); } Desk.fresh().catch(() => {}); }
      Desk.said(answer.said || Desk.word("failed"), false);
    }
  }
  going = false;
}
Desk.flush = flush;
setInterval(() => { if (outbox.length && navigator.onLine) flush(); }, 3000);

function post(f, by) {
  const path = new URL(by?.getAttribute("formaction") || f.getAttribute("action"), location.href).pathname.split("/");
  const code = decodeURIComponent(path[2]), note = f.id === "write" && noting(), verb = note ? "note" : path[3];
  const fields = [...new FormData(f)].filter(([, value]) => typeof value === "string");
  if (by?.name && !note) fields.push([by.name, by.value]);
  const action = fields.find(([name]) => name === "action");
  if (action) action[1] = id();
  return { code, verb, fields };
}
addEventListener("submit", e => {
  const f = e.target, by = e.submitter;
  if (f.method !== "post") return;
  if (f.getAttribute("action") === "/signout") { for (const key of Object.keys(sessionStorage)) sessionStorage.removeItem(key); outbox = []; return; }
  if (!f.closest("#talk, #side, #sheets")) return;
  e.preventDefault();
  const one = post(f, by);
  if (one.verb === "answer" || one.verb === "note") {
    const b = f.id === "write" ? box() : null, text = b ? b.value.trim() : "";
    if (b && !text) return;
    if (b && corrects && one.verb === "answer") { one.verb = "correct"; one.fields = [...one.fields.filter(([name]) => name !== "at"), ["n", corrects]]; }
    else if (b && b.dataset.reply && text === b.dataset.replied) one.fields.push(["reply", b.dataset.reply]);
    const said = b ? text : f.closest("li")?.querySelector(".theirs, .mine")?.textContent || "";
    outbox.push({ ...one, text: said });
    remember();
    if (b) { b.value = ""; delete b.dataset.reply; store(); keep("draft:" + one.code, null); mode(false); correct(0); }
    $("#said")?.remove();
    show();
    flush();
    return;
  }
  act(f, one);
});
async function act(f, one) {
  const buttons = all("button", f);
  buttons.forEach(b => { b.disabled = true; });
  try {
    const answer = await (await Desk.fetch(`/desk/${encodeURIComponent(one.code)}/${one.verb}`, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(one.fields) })).json();
    const sheet = f.closest("[popover]");
    if (answer.good && sheet) sheet.hidePopover();
    if (answer.good) f.reset();
    if (!answer.good && sheet) complain(f, answer.said); else Desk.said(answer.said || Desk.word("failed"), answer.good);
    if (document.activeElement && f.contains(document.activeElement)) document.activeElement.blur();
    await Desk.fresh();
  } catch (why) { if (why.message !== "out") { Desk.lostNow?.(); if (f.closest("[popover]")) complain(f, Desk.word("failed")); else Desk.said(Desk.word("failed"), false); } }
  buttons.forEach(b => { b.disabled = false; });
}
function complain(f, text) {
  let p = $(".said", f);
  if (!p) { p = document.createElement("p"); p.className = "said bad"; p.setAttribute("role", "alert"); f.prepend(p); }
  p.textContent = text;
}

/* ── ready replies, and telling colleagues that somebody writes here ── */
Desk.canned = reply => {
  const li = $(`#replies li[data-reply="${CSS.escape(reply)}"]`), b = box();
  if (!li || !b || noting()) return;
  b.value = ($(".theirs", li) || $(".mine", li)).textContent.trim();
  b.dataset.reply = reply;
  b.dataset.replied = b.value;
  $("#replies").hidePopover();
  store();
  b.focus();
};
addEventListener("click", e => {
  const press = e.target.closest("[data-reply]");
  if (press && press.tagName === "BUTTON") Desk.canned(press.dataset.reply);
  else if (press && e.target.closest(".reply")) { e.preventDefault(); Desk.canned(press.dataset.reply); }
});
let told = -3000;
addEventListener("input", e => {
  if (e.target.id === "find-reply") { const q = e.target.value.trim().toLocaleLowerCase(); all("#replies li").forEach(li => { li.hidden = !li.textContent.toLocaleLowerCase().includes(q); }); return; }
  if (e.target.id !== "answer") return;
  store();
  if (e.timeStamp - told > 3000) { told = e.timeStamp; fetch(`/desk/${encodeURIComponent(Desk.code)}/writing`, { method: "POST", headers: Desk.token(), body: new URLSearchParams({ to: noting() ? "note" : "" }) }).catch(() => {}); }
});
let hush = 0, rests = 0;
Desk.also = (code, name) => {
  if (code !== Desk.code || name === Desk.body.dataset.me) return;
  if (!name) { Desk.typing(true); clearTimeout(rests); rests = setTimeout(() => Desk.typing(false), 6000); return; }
  const p = $("#also");
  if (!p) return;
  p.textContent = Desk.word("also", { name });
  p.hidden = false;
  clearTimeout(hush);
  hush = setTimeout(() => { p.hidden = true; }, 6000);
};
Desk.hooks.opened.push(begin);
begin();
if (outbox.length) flush();
})();
