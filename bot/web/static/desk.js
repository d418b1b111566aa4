/* The desk, kept fresh. Without this file the same pages are plain links and forms. Nothing is stored in the browser. */
(() => {
"use strict";
const $ = (s, e = document) => e.querySelector(s), all = (s, e = document) => [...e.querySelectorAll(s)];
const body = document.body, lost = $("#lost"), say = $("#say"), covered = $("#covered");
const open = $("#talk") ? $("#talk").dataset.code : "";
const address = new URL(location.href);
if (address.searchParams.has("said")) { address.searchParams.delete("said"); history.replaceState(null, "", address); } /* said once */
all(".scripted").forEach(e => { e.hidden = false; });

/* ── what changed is fetched as the page it is, and its parts are put in place; what is being written is never touched ── */
const PARTS = ["watch", "queue", "thread"];
let fetching = false, again = false;
const written = () => all("textarea").some(e => e.value !== e.defaultValue) || all("input[type=radio]").some(e => e.checked !== e.defaultChecked);
function swap(fresh, id) {
  const was = document.getElementById(id), is = fresh.getElementById(id);
  if (!was || !is || was.innerHTML === is.innerHTML) return false;
  const at = was.scrollTop, low = was.scrollHeight - was.clientHeight - at < 80;
  const focus = was.contains(document.activeElement) ? document.activeElement.dataset.code : null;
  was.replaceChildren(...is.childNodes);
  was.scrollTop = id === "thread" && low ? was.scrollHeight : at;
  if (focus) { const back = was.querySelector(`[data-code="${CSS.escape(focus)}"]`); if (back) back.focus(); }
  return true;
}
async function look(code) {
  if (fetching) { again = code || true; return; }
  fetching = true;
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(10000) });
    if (answer.redirected && new URL(answer.url).pathname === "/signin") { location.assign("/signin"); return; }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const moved = PARTS.filter(id => swap(fresh, id));
    if (code && moved.length) news(code);
    const locked = e => e && ("locked" in e.dataset ? e.textContent : "");
    const write = $("#write"), now = fresh.getElementById("write");
    if (open && write && now && locked(write) !== locked(now)) {
      if (!written()) location.reload();
      else if ("locked" in now.dataset) { lost.textContent = now.textContent.trim(); lost.hidden = false; }
    } else if (open && !written() && !$("#side").contains(document.activeElement)) { swap(fresh, "side"); swap(fresh, "who"); }
    line(true);
  } catch { line(false); }
  fetching = false;
  if (again) { const next = again === true ? "" : again; again = false; look(next); }
}
function news(code) {
  const row = $(`.case[data-code="${CSS.escape(code)}"]`);
  if (!row) return;
  if (code !== open) row.classList.add("fresh");
  say.setAttribute("aria-live", row.classList.contains("danger") ? "assertive" : "polite");
  say.textContent = row.innerText.replace(/\s+/g, " ");
}
function line(up) {
  if (up && lost.textContent === body.dataset.lost) { lost.hidden = true; lost.textContent = ""; }
  if (!up && lost.hidden) { lost.textContent = body.dataset.lost; lost.hidden = false; }
}

/* ── the stream, and every two seconds while there is none ── */
let failures = 0, timer = 0;
const glance = () => { if (!document.hidden) look(""); };
function broken() {
  failures += 1;
  line(false);
  if (failures > 1 && !timer) timer = setInterval(glance, 2000);
}
function whole() {
  clearInterval(timer);
  timer = 0;
  if (failures) look("");
  failures = 0;
}
function listen() {
  if (!window.EventSource) return broken();
  const stream = new EventSource("/desk/events");
  stream.addEventListener("open", whole);
  stream.addEventListener("case", e => look(e.data));
  stream.addEventListener("look", () => look(""));
  stream.addEventListener("bye", () => line(false));
  stream.addEventListener("error", () => { broken(); if (stream.readyState === 2) setTimeout(listen, 5000); });
}
addEventListener("offline", () => { failures += 1; line(false); });
addEventListener("online", () => look(""));
setInterval(glance, 60000);

/* ── keys: single letters, only outside fields ── */
const cases = () => all(".case");
function step(by) {
  const list = cases(), at = list.indexOf(document.activeElement), here = at < 0 ? list.findIndex(e => e.hasAttribute("aria-current")) : at;
  const next = list[Math.min(Math.max(here + by, 0), list.length - 1)];
  if (next) next.focus();
}
const focus = s => { const e = $(s); if (e) e.focus(); };
const KEYS = { j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1), r: () => focus("#answer"), n: () => focus("#note"), c: () => { const e = $("#claim"); if (e) e.click(); }, x: () => focus(".opts input") };
let danger = false, escaped = 0;
function cover(on) { covered.hidden = !on; body.classList.toggle("hidden", on); if (on) $("#uncover").focus(); }
addEventListener("keydown", e => {
  const field = e.target.matches("textarea, input, select");
  if (e.key === "Escape") {
    if (field) { e.target.blur(); escaped = 0; return; }
    if (e.timeStamp - escaped < 800) cover(true);
    escaped = e.timeStamp;
    return;
  }
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && field && e.target.form) { e.preventDefault(); e.target.form.requestSubmit(); return; }
  if (e.key === "F6") { e.preventDefault(); around(e.shiftKey ? -1 : 1); return; }
  if (field || e.ctrlKey || e.metaKey || e.altKey || !covered.hidden) return;
  if (danger && e.key === "d") focus(".case.danger");
  danger = e.key === "g";
  if ((e.key === "ArrowDown" || e.key === "ArrowUp") && !$("#queue").contains(document.activeElement)) return;
  const act = KEYS[e.key];
  if (act) { e.preventDefault(); act(); }
});
function around(by) {
  const places = [".case[aria-current], .case", "#thread", "#answer", "#side textarea"].map(s => $(s)).filter(Boolean);
  const at = places.findIndex(e => e === document.activeElement || (e.matches(".case") && $("#queue").contains(document.activeElement)));
  places[(at + by + places.length) % places.length].focus();
}
$("#cover").onclick = () => cover(true);
$("#uncover").onclick = () => cover(false);
addEventListener("submit", e => { for (const b of all("button", e.target)) setTimeout(() => { b.disabled = true; }); });
addEventListener("pageshow", e => { if (e.persisted) location.reload(); });
const thread = $("#thread");
if (thread) { thread.scrollTop = thread.scrollHeight; if (innerWidth <= 768) $("#write").scrollIntoView({ block: "end" }); }
listen();
})();
