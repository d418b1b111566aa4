/* The thread: the last entries at once, earlier ones as they are scrolled to, and only what is near is in the page. */
"use strict";
(() => {
const { $, all } = Desk, NEAR = 3000;
let thread, seen, busy = false, low = true;
const newest = () => all(".chunk:not(#pending)", thread).at(-1);
const max = () => Math.max(0, ...all("[data-n]", newest()).map(e => +e.dataset.n));
const bottom = () => { thread.scrollTop = thread.scrollHeight; below(false); };
function below(on) { const b = $("#below"); if (b) b.hidden = !on; }

/* Chunks that are far away keep their height and nothing else; what they held waits in memory. */
const away = new WeakMap();
function watchChunks() {
  seen?.disconnect();
  seen = new IntersectionObserver(list => {
    for (const { target, isIntersecting, boundingClientRect } of list) {
      if (isIntersecting && away.has(target)) { target.append(away.get(target)); away.delete(target); target.style.blockSize = ""; }
      else if (!isIntersecting && !away.has(target) && target.nextElementSibling?.classList.contains("chunk") && boundingClientRect.height) {
        target.style.blockSize = boundingClientRect.height + "px";
        const held = document.createDocumentFragment();
        held.append(...target.childNodes);
        away.set(target, held);
      }
    }
  }, { root: thread, rootMargin: NEAR + "px" });
  all(".chunk", thread).forEach(c => seen.observe(c));
}
async function earlier() {
  const first = $(".chunk", thread), before = +first?.dataset.older;
  if (!before || busy) return;
  busy = true;
  try {
    const fresh = await Desk.part(`/desk/${encodeURIComponent(Desk.code)}/older?before=${before}`), chunk = $(".chunk", fresh);
    if (!chunk || !first.isConnected) return;
    const height = thread.scrollHeight, at = thread.scrollTop;
    first.before(chunk);
    first.dataset.older = "";
    if (!+chunk.dataset.older) $("#older")?.remove();
    thread.scrollTop = at + thread.scrollHeight - height;
    seen.observe(chunk);
  } catch { Desk.lostNow?.(); } finally { busy = false; }
  if (thread.scrollTop < 600) requestAnimationFrame(earlier);
}
function begin() {
  thread = $("#thread");
  if (!thread) return;
  const tail = document.createElement("div");
  tail.id = "pending";
  tail.className = "chunk";
  const typing = document.createElement("p");
  typing.id = "typing";
  typing.className = "event";
  typing.hidden = true;
  typing.innerHTML = '<svg class="i" aria-hidden="true"><use href="#i-pen"/></svg><span></span>';
  $("span", typing).textContent = Desk.word("person");
  thread.append(tail, typing);
  thread.addEventListener("scroll", () => {
    low = thread.scrollHeight - thread.clientHeight - thread.scrollTop < 80;
    if (low) below(false);
    if (thread.scrollTop < 1200) earlier();
  }, { passive: true });
  $("#below").onclick = bottom;
  watchChunks();
  bottom();
  low = true;
  requestAnimationFrame(bottom);
  if (thread.scrollHeight <= thread.clientHeight * 1.5) earlier();
}
/* Entries that are new or not the same any more; gaps are filled before anything is shown. */
Desk.lines = async (fresh, last) => {
  if (!thread?.isConnected || $("#newer")) return;
  const chunk = newest(), end = max(), is = all(".chunk [data-n]", fresh);
  const first = +is[0]?.dataset.n || 0;
  if (first > end + 1 && last < 500) return Desk.fresh(500);
  if (first > end + 1) return Desk.open(Desk.code, { push: false, view: Desk.body.dataset.view });
  let more = 0;
  for (const line of is) {
    const n = +line.dataset.n, old = $(`[data-n="${n}"]`, thread), day = line.previousElementSibling;
    if (old) { if (old.outerHTML !== line.outerHTML && !$("audio, img", old)) old.replaceWith(line); continue; }
    if (n <= end) continue;
    $('[data-n="0"]', thread)?.remove();
    if (day?.classList.contains("day") && !$(`.day[data-day="${day.dataset.day}"]`, thread)) chunk.append(day);
    chunk.append(line);
    more += 1;
  }
  const was = low;
  Desk.swap(fresh, "tail");
  if (more) Desk.typing(false);
  if (more && !was) below(true);
  if (was) bottom();
};
Desk.typing = on => { const p = $("#typing"); if (!p || p.hidden === !on) return; p.hidden = !on; if (on && low) bottom(); };
Desk.bottom = () => thread && bottom();

/* What was sent along is asked for when it is opened, shown here, and kept nowhere. */
addEventListener("click", e => {
  const link = e.target.closest("a[data-media]");
  if (!link || link.dataset.media === "file") return;
  e.preventDefault();
  const shown = document.createElement(link.dataset.media === "voice" ? "audio" : "img");
  if (shown.tagName === "AUDIO") { shown.controls = true; shown.autoplay = true; } else shown.alt = link.getAttribute("aria-label");
  shown.src = link.href;
  shown.onerror = async () => {
    shown.replaceWith(link);
    let said = link.dataset.unshown;
    try { const why = await fetch(link.href, { headers: { accept: "application/json" } }); if (!why.ok) said = (await why.json()).said; else why.body?.cancel(); } catch { /* the sentence stands */ }
    Desk.said(said, false);
  };
  link.replaceWith(shown);
});
Desk.hooks.opened.push(begin);
begin();
})();
