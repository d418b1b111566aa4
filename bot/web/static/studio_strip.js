/* How much of each language is done, on the page of a draft: put in after the page is drawn, and again after each edit. */
"use strict";
(() => {
const { $, part } = window.studio, box = $("#strip"), link = box?.firstElementChild;
async function fill() {
  try {
    const cover = (await part(box.dataset.from)).querySelector(".cover");
    if (cover) box.replaceChildren(cover, link);
  } catch { /* the link is enough */ }
}
if (box) { fill(); document.addEventListener("studio:edited", fill); document.addEventListener("studio:changed", fill); }
})();
