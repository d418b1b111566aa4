/* Keeps the supervisor's page current: asks for its parts when a case changed, and puts those in place that nobody is using. */
"use strict";
(() => {
const PARTS = ["strip", "waits", "loads", "times", "hours"], body = document.body;
const $ = id => document.getElementById(id);
let timer = 0, asked = 0, behind = false, stream, failures = 0, since = "";
const now = () => new Date().toLocaleTimeString("fr", { hour: "2-digit", minute: "2-digit" });
function lost() { since ||= now(); $("lost").hidden = false; $("lost").lastElementChild.textContent = body.dataset.lost.replace("{time}", since); }
function back() { since = ""; $("lost").hidden = true; }

/* What is being used stays as it is until it is left. */
const used = part => part.contains(document.activeElement) && document.activeElement !== part || part.querySelector(".re[open]");
function put(fresh) {
  behind = false;
  for (const id of PARTS) {
    const was = $(id), is = fresh.getElementById(id);
    if (!was || !is || was.isEqualNode(is)) continue;
    if (used(was)) { behind = true; continue; }
    if (id === "strip" && Number(is.dataset.danger) > Number(was.dataset.danger)) $("say").textContent = body.dataset.danger;
    const opened = [...was.querySelectorAll("details[id][open]")].map(one => one.id), place = document.importNode(is, true);
    for (const one of place.querySelectorAll("details[id]")) one.open = opened.includes(one.id);
    was.replaceWith(place);
  }
}
async function draw() {
  timer = 0;
  if (document.hidden) { behind = true; return; }
  asked = performance.now();
  try {
    const answer = await fetch("/desk/watch/part" + location.search, { headers: { accept: "text/html" } });
    if (answer.status === 401 || answer.status === 404) return location.reload();
    if (!answer.ok) throw new Error("late");
    put(new DOMParser().parseFromString(await answer.text(), "text/html"));
    back();
  } catch { lost(); setTimeout(soon, 3000); }
}
function soon() { timer ||= setTimeout(draw, Math.max(300, asked + 2000 - performance.now())); }
const left = () => { if (behind) soon(); };
document.addEventListener("focusout", () => setTimeout(left, 50));
document.addEventListener("toggle", left, true);
document.addEventListener("visibilitychange", () => { if (!document.hidden) soon(); });

function listen() {
  if (!window.EventSource) return;
  stream = new EventSource("/desk/events");
  stream.addEventListener("open", () => { failures = 0; soon(); });
  for (const kind of ["case", "look"]) stream.addEventListener(kind, soon);
  stream.addEventListener("error", () => { failures += 1; if (failures > 2 || !navigator.onLine) soon(); if (stream.readyState === 2) setTimeout(listen, 5000 * failures); });
}
addEventListener("offline", lost);
addEventListener("online", soon);
/* Time passes without any event: promises grow older, teams open and shut. */
setInterval(soon, 20000);
listen();
})();
