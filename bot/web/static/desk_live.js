/* What happens elsewhere, as it happens: a stream of codes that resumes where it broke off; never a word of a person. */
"use strict";
(() => {
const { $, all, body } = Desk;
let stream, failures = 0, poll = 0, since = "";
const now = () => new Date().toLocaleTimeString("fr", { hour: "2-digit", minute: "2-digit" });
Desk.lostNow = () => { since ||= now(); Desk.line(false, Desk.word("lost", { time: since })); };
function back() { since = ""; Desk.line(true); Desk.flush(); }

/* ── many changes, few questions ── */
const dirty = new Map();
let asking = false, asked = 0, timer = 0, everything = false;
Desk.look = () => { everything = true; soon(); };
function soon() { if (!asking && !timer) timer = setTimeout(ask, Math.max(0, asked + 350 - performance.now())); }
async function ask() {
  timer = 0;
  asking = true;
  asked = performance.now();
  const codes = new Map(dirty), whole = everything;
  dirty.clear();
  everything = false;
  try {
    const jobs = [];
    if (Desk.code && (whole || codes.has(Desk.code))) jobs.push(Desk.fresh());
    jobs.push(Desk.rows(whole || codes.size > 20 ? null : [...codes.keys()]));
    await Promise.all(jobs);
    for (const [code, kind] of codes) news(code, kind);
    if (since) back();
  } catch (why) { if (why.message !== "out") { Desk.lostNow(); everything = true; setTimeout(soon, 2000); } }
  asking = false;
  if (dirty.size || everything && !since) soon();
}
/* Says that there is something, by code. */
function news(code, kind) {
  const row = $(`li[data-code="${CSS.escape(code)}"] .case`);
  if (!row || !["words", "new", ""].includes(kind)) return;
  const group = row.closest("[data-group]").dataset.group, mine = group !== "others", danger = row.classList.contains("danger");
  if (code !== Desk.code || document.hidden) row.classList.add("fresh");
  if (mine) { Desk.say(Desk.word(danger ? "danger" : "news", { code }), danger); ring(danger); }
}
const count = () => { const n = all('[data-group="danger"] .new, [data-group="late"] .new, [data-group="waiting"] .new, [data-group="mine"] .new').length; document.title = (n ? `(${n}) ` : "") + body.dataset.title; };
Desk.hooks.rows.push(count);
count();

/* ── a soft sound, for who wants it ── */
let audio;
if (body.dataset.sound === "on") for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { audio ||= new AudioContext(); audio.resume(); }, { passive: true });
let rang = -3000;
function ring(danger) {
  if (!audio || audio.state !== "running" || performance.now() - rang < 3000) return;
  rang = performance.now();
  for (const [n, tone] of (danger ? [587, 587, 784] : [523, 659]).entries()) {
    const at = audio.currentTime + n * .16, voice = audio.createOscillator(), loud = audio.createGain();
    voice.frequency.value = tone;
    loud.gain.setValueAtTime(0, at); loud.gain.linearRampToValueAtTime(.07, at + .02); loud.gain.exponentialRampToValueAtTime(.001, at + .35);
    voice.connect(loud).connect(audio.destination);
    voice.start(at); voice.stop(at + .4);
  }
}

/* ── the stream, and a look every two seconds while there is none ── */
function broken() {
  failures += 1;
  if (failures > 1 || !navigator.onLine) Desk.lostNow();
  if (failures > 2 && !poll) poll = setInterval(() => { if (!document.hidden && navigator.onLine) Desk.look(); }, 2000);
}
function whole() { clearInterval(poll); poll = 0; if (failures) Desk.look(); failures = 0; heard(); }
let quiet = 0;
function heard() { clearTimeout(quiet); quiet = setTimeout(() => { stream?.close(); broken(); listen(); }, 45000); }
let last = body.dataset.feed;
function listen() {
  if (!window.EventSource) return broken();
  stream = new EventSource("/desk/events" + (last ? "?last=" + encodeURIComponent(last) : ""));
  stream.addEventListener("open", whole);
  stream.addEventListener("case", e => { last = e.lastEventId; const [code, state, kind = ""] = e.data.split(" "); if (state === "erased") Desk.forget(code); dirty.set(code, dirty.get(code) === "words" ? "words" : kind); heard(); soon(); });
  stream.addEventListener("writing", e => { const [code, ...name] = e.data.split(" "); Desk.also(code, name.join(" ")); heard(); });
  stream.addEventListener("look", e => { last = e.lastEventId; heard(); if (!poll) Desk.look(); });
  stream.addEventListener("beat", e => { last = e.lastEventId; heard(); });
  stream.addEventListener("bye", () => { failures += 1; });
  stream.addEventListener("error", () => { broken(); if (stream.readyState === 2) setTimeout(listen, 3000); });
}
addEventListener("offline", () => { failures += 1; Desk.lostNow(); });
addEventListener("online", () => { Desk.look(); if (stream?.readyState === 2) listen(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) Desk.look(); });
setInterval(() => { if (!document.hidden && !since) Desk.look(); }, 60000);
listen();
})();
