/* The chat page, made quicker. Without this file every button is a plain form. Nothing is stored: a closed page forgets its queue. */
(() => {
"use strict";
const $ = (s, e = document) => e.querySelector(s), all = (s, f) => document.querySelectorAll(s).forEach(f);
const body = document.body, log = $(".log"), end = $("#end"), box = $("textarea"), word = $("#t-said").content.firstElementChild.dataset;
const state = { who: body.dataset.who, cursor: +body.dataset.cursor, seated: "seated" in body.dataset, gone: false };
const queue = [];
let sending = false, reading = false, dots = null, cut = null, typed = 0, rests = 0;

const line = name => all("[data-state]", e => { e.hidden = e.dataset.state !== name; });
const pause = ms => new Promise(r => { const t = setTimeout(done, ms); function done() { clearTimeout(t); removeEventListener("online", done); r(); } addEventListener("online", done); });
const id = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), b => b.toString(16).padStart(2, "0")).join("");
const down = () => end.scrollIntoView({ block: "end" });
const near = () => innerHeight + scrollY > document.documentElement.scrollHeight - 240;
const undots = () => { if (dots) { dots.remove(); dots = null; } };
function dotted(name, ms) {
  if (!dots) { dots = $(name).content.firstElementChild.cloneNode(true); log.insertBefore(dots, $(".qs", log) || end); down(); }
  clearTimeout(rests);
  rests = setTimeout(undots, ms);
}

/* ── what the person sends ── */
function mark(bubble, name) {
  const meta = $(".meta", bubble);
  $("use", meta).setAttribute("href", name === "received" ? "#ok" : name === "failed" ? "#warn" : "#wait");
  $("span", meta).textContent = word[name];
  bubble.dataset.is = name;
}
/* A question stays where it is until the bot speaks again: some take several answers and say nothing between two. */
function hold(form, button) {
  for (const b of form.querySelectorAll("button")) b.setAttribute("aria-disabled", "true");
  button.dataset.chosen = "";
}
function release(form) {
  if (!form || !form.isConnected) return;
  for (const b of form.querySelectorAll("button")) { b.removeAttribute("aria-disabled"); if ("chosen" in b.dataset) b.setAttribute("aria-pressed", "true"); }
}
function mine(text, client) {
  const bubble = $("#t-mine").content.firstElementChild.cloneNode(true);
  $(".own", bubble).textContent = text;
  bubble.dataset.client = client;
  mark(bubble, "sent");
  return bubble;
}
function leave(to) {
  state.gone = true;
  queue.length = 0;
  location.replace(to);
}
function blank() { /* before the network has its say, nothing is left to read */
  log.replaceChildren(end);
  body.classList.add("gone");
  box.value = "";
}
async function pump() {
  if (sending) return;
  sending = true;
  for (let wait = 1000; queue.length && !state.gone;) {
    const next = queue[0];
    let answer = null;
    try { answer = await fetch("/chat/say", { method: "POST", body: next.body, headers: { Accept: "application/json" }, signal: AbortSignal.timeout(15000) }); } catch { /* no network */ }
    if (answer && answer.ok) {
      const said = await answer.json().catch(() => ({}));
      if (said.ended) return leave(said.to);
      queue.shift();
      wait = 1000;
      mark(next.bubble, "received");
      if (next.question) setTimeout(() => release(next.question), 1500);
      if (!state.seated) { state.seated = true; read(); }
      if (state.who === "bot") dotted("#t-dots", 8000);
      line(state.who);
    } else if (answer && answer.status < 500 && answer.status !== 429) {
      queue.shift();
      fail(next);
    } else {
      for (const held of queue) mark(held.bubble, "waits");
      line("offline");
      await pause(wait);
      wait = Math.min(wait * 2, 15000);
      if (navigator.onLine) line("reconnecting");
    }
  }
  sending = false;
}
function fail(item) {
  mark(item.bubble, "failed");
  const again = document.createElement("button");
  again.type = "button"; again.className = "again"; again.textContent = word.again;
  again.onclick = () => { again.remove(); mark(item.bubble, "sent"); queue.push(item); pump(); };
  item.bubble.append(again);
}
addEventListener("submit", event => {
  const form = event.target, button = event.submitter;
  if (form.getAttribute("action") !== "/chat/say" || (button && button.name === "start")) return;
  event.preventDefault();
  if (button && button.getAttribute("aria-disabled")) return;
  const data = new FormData(form, button && button.name ? button : null), client = id();
  data.set("id", client);
  const text = (data.get("text") || "").trim(), name = button && button.name;
  if (!name && !text) return;
  if (name === "speak" && !state.seated) return location.assign(`/chat?lang=${data.get("speak")}`);
  const label = name ? (button.getAttribute("aria-label") || (button.querySelector("span:not(.vh)") || button).textContent).trim() : text;
  const menu = $(".more"); if (menu) menu.open = false;
  const sheet = $("#erase"); if (sheet.open) sheet.close();
  const leaving = data.get("word") === "stop" || data.get("word") === "erase", bubble = mine(label, client);
  if (leaving) { queue.length = 0; blank(); } else { log.insertBefore(bubble, $(".qs", log) || end); down(); }
  if (name === "a") hold(form, button);
  if (!name) { box.value = ""; grow(); }
  queue.push({ body: new URLSearchParams(data), bubble, question: name === "a" ? form : null });
  pump();
});

/* ── what comes ── */
function show(letters) {
  const stay = near();
  let first = null;
  for (const letter of letters) {
    if (letter.client && $(`[data-client="${letter.client}"]`, log)) continue;
    if (!letter.client) { undots(); all(letter.html.includes('class="qs"') ? ".qs" : ".qs:has([data-chosen]), .qs:has([aria-pressed])", q => q.remove()); }
    const part = document.createRange().createContextualFragment(letter.html);
    first = first || part.firstElementChild;
    log.insertBefore(part, $(".qs", log) || end);
  }
  all(".hear", hearable);
  if (stay && first) begin(first);
}
/* What is longer than the screen is read from its beginning: numbers to call come before the next question. */
function begin(first) { first.scrollIntoView({ block: "start" }); }
async function read() {
  if (reading || !state.seated) return;
  reading = true;
  for (let wait = 1000, lost = false; !state.gone;) {
    if (document.hidden) await new Promise(r => document.addEventListener("visibilitychange", r, { once: true }));
    let news = null, answer = null;
    try {
      cut = new AbortController();
      const late = setTimeout(() => cut.abort(), 40000);
      answer = await fetch(`/chat/new?after=${state.cursor}${lost ? "&now=1" : ""}`, { signal: cut.signal });
      clearTimeout(late);
      news = await answer.json();
    } catch { /* no network */ }
    if (state.gone) return;
    if (answer && answer.status === 410) return location.replace("/chat");
    if (news && news.ended) { blank(); return leave(news.to); }
    lost = !news || !answer.ok;
    if (lost) {
      line(queue.length || !navigator.onLine ? "offline" : "reconnecting");
      await pause(wait);
      wait = Math.min(wait * 2, 15000);
      continue;
    }
    wait = 1000;
    state.cursor = news.cursor;
    state.who = news.who;
    if (news.who === "human") all(".qs", q => q.remove());
    if (!queue.length) line(news.who);
    if (news.letters.length) show(news.letters);
    if (news.writes && near()) dotted("#t-writes", 7000);
    if (news.lang !== document.documentElement.lang && !queue.length && !box.value) return location.replace("/chat");
  }
}

/* ── small things ── */
function grow() { if (!CSS.supports("field-sizing", "content")) { box.style.blockSize = "auto"; box.style.blockSize = `${box.scrollHeight + 2}px`; } }
function hearable(link) {
  if (link.dataset.ready) return;
  link.dataset.ready = "1";
  let sound = null;
  link.onclick = event => { event.preventDefault(); sound = sound || new Audio(link.href); if (sound.paused) sound.play(); else sound.pause(); };
}
/* That something is being typed, never what: only to a human being, and not often. */
function typing() {
  if (state.who !== "human" || !navigator.onLine || !box.value || Date.now() - typed < 4000) return;
  typed = Date.now();
  fetch("/chat/typing", { method: "POST" }).catch(() => {});
}
box.addEventListener("input", () => { grow(); typing(); });
box.addEventListener("keydown", e => { if (e.key === "Enter" && !e.shiftKey && !e.isComposing && matchMedia("(pointer:fine)").matches) { e.preventDefault(); box.form.requestSubmit(); } });
const sheet = $("#erase"), toErase = $("#to-erase");
toErase.onclick = e => { e.preventDefault(); $(".more").open = false; sheet.showModal(); };
$("#keep").onclick = () => sheet.close();
addEventListener("click", e => { const menu = $(".more"); if (menu.open && !menu.contains(e.target)) menu.open = false; });
addEventListener("keydown", e => { if (e.key === "Escape") $(".more").open = false; });
addEventListener("offline", () => { line("offline"); if (cut) cut.abort(); });
addEventListener("online", () => { line("reconnecting"); pump(); });
addEventListener("pageshow", e => { if (e.persisted) location.reload(); });
all(".hear", hearable);
if ($("#new")) begin($("#new")); else down();
read();
})();
