/* The publish bar: fetched once the page stands, and again some moments after an edit; the tests run when the hand rests.
   A button that cannot act says why. */
"use strict";
(() => {
const bar = document.getElementById("gatebar");
if (!bar || !window.studio) return;
let timer = 0, resting = 0, asked = 0;
async function look(tests) {
  clearTimeout(timer); clearTimeout(resting);
  const turn = ++asked;
  try {
    const answer = await fetch(bar.dataset.from + (tests ? "?tests" : ""), { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(30000) });
    if (!answer.ok || answer.status === 204 || turn !== asked) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!("quiet" in bar.dataset)) bar.replaceChildren(...fresh.body.children);
    document.dispatchEvent(new CustomEvent("studio:standing"));
    if (!tests && fresh.querySelector("[data-untested]")) resting = setTimeout(() => look(true), 4000);
  } catch { if (turn === asked) timer = setTimeout(() => look(tests), 5000); }
}
const soon = () => { clearTimeout(timer); clearTimeout(resting); timer = setTimeout(() => look(false), 700); };
document.addEventListener("studio:edited", soon);
document.addEventListener("studio:changed", soon);
document.addEventListener("click", e => {
  const off = e.target.closest('[aria-disabled="true"][data-why]');
  if (off) { e.preventDefault(); studio.say(off.dataset.why); }
});
/* the publish page itself: its tests run once it stands, then its gate is drawn again */
async function proven() {
  try {
    await look(true);
    const fresh = await studio.part(location.pathname);
    for (const id of ["gate", "trials-failed"]) {
      const was = document.getElementById(id), is = fresh.getElementById(id);
      if (was && is && !document.querySelector(".pop:popover-open")) was.replaceWith(is);
    }
  } catch { /* loading the page again will tell */ }
}
if (document.querySelector("#gate[data-untested]")) proven(); else look(false);
})();
