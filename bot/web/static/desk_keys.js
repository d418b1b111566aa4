/* The keyboard: all of the desk without a mouse. Single letters only outside fields, and not at all for who turned them off. */
"use strict";
(() => {
const { $, all, body } = Desk, covered = $("#covered"), single = body.dataset.keys === "on";
const focus = s => { const e = $(s); if (e) e.focus(); return e; };
const press = s => { const e = $(s); if (e) e.click(); };
function step(by) {
  const list = all(".case"), here = list.indexOf(document.activeElement), at = here < 0 ? list.findIndex(e => e.hasAttribute("aria-current")) : here;
  const next = list[at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(Math.max(at + by, 0), list.length - 1)];
  if (next) { if (innerWidth <= 768) Desk.view("queue"); next.focus(); }
}
function sheet(id, first) { const e = document.getElementById(id); if (e?.showPopover && !e.matches(":popover-open")) { e.showPopover(); $(first, e)?.focus(); } }
const KEYS = {
  j: () => step(1), k: () => step(-1), r: () => { Desk.view(Desk.code ? "thread" : "queue"); Desk.note(false); },
  n: () => { Desk.view(Desk.code ? "thread" : "queue"); Desk.note(true); }, c: () => press("#claim"), t: () => sheet("transfer", "input:not([type=hidden])"), b: () => sheet("hand-back", "select"), x: () => sheet("close", "input:not([type=hidden])"),
  o: () => press("#fold summary"), "?": () => sheet("help", "button"), "/": () => find(),
};
function find() { if ($("#replies")) sheet("replies", "#find-reply"); else focus(".find input"); }
const canned = n => { const b = all("#canned [data-reply]")[n - 1]; if (b) Desk.canned(b.dataset.reply); return b; };
let danger = 0, escaped = 0, before = null;
function cover(on) {
  if (on === !covered.hidden) return;
  if (on) { before = document.activeElement; all(":popover-open").forEach(e => e.hidePopover()); }
  covered.hidden = !on;
  for (const e of document.body.children) if (e !== covered) e.inert = on;
  if (on) document.title = "–"; else Desk.hooks.rows.forEach(f => f());
  if (on) $("#uncover").focus(); else before?.focus?.();
}
addEventListener("keydown", e => {
  if (!covered.hidden) return;
  const field = e.target.matches?.("textarea, input:not([type=radio]):not([type=checkbox]), select"), over = $(":popover-open");
  if (e.key === "Escape") {
    if (over) { escaped = 0; return; }
    if (field) { e.target.blur(); escaped = e.timeStamp; return; }
    if (e.timeStamp - escaped < 900) { escaped = 0; cover(true); } else { escaped = e.timeStamp; if (body.dataset.view === "case") Desk.view("thread"); }
    return;
  }
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && field && e.target.form) { e.preventDefault(); e.target.form.requestSubmit(e.target.id === "answer" ? $("#send") : undefined); return; }
  if (e.key === "F6") { e.preventDefault(); around(e.shiftKey ? -1 : 1); return; }
  if (e.ctrlKey || e.metaKey || e.altKey || over) return;
  const empty = e.target.id === "answer" && !e.target.value && !$("#write").classList.contains("noting");
  if (single && empty && /^[1-9]$/.test(e.key) && canned(+e.key)) { e.preventDefault(); return; }
  if (single && empty && e.key === "/") { e.preventDefault(); find(); return; }
  if (field) return;
  const queue = $("#queue").contains(document.activeElement);
  if ((e.key === "ArrowDown" || e.key === "ArrowUp") && (queue || document.activeElement === body)) { e.preventDefault(); step(e.key === "ArrowDown" ? 1 : -1); return; }
  if (!single) return;
  if (e.key === "d" && e.timeStamp - danger < 1500) { e.preventDefault(); focus('[data-group="danger"] .case') || focus(".case.danger"); danger = 0; return; }
  danger = e.key === "g" ? e.timeStamp : 0;
  if (/^[1-9]$/.test(e.key) && canned(+e.key)) { e.preventDefault(); return; }
  const act = KEYS[e.key];
  if (act) { e.preventDefault(); act(); }
});
function around(by) {
  const places = ["#queue", "#thread", "#write", "#side"].filter(s => { const e = $(s); return e && e.getClientRects().length; });
  const at = places.findIndex(s => $(s).contains(document.activeElement)), next = places[(at + by + places.length) % places.length];
  const inner = { "#queue": ".case[aria-current], .case", "#thread": "#thread", "#write": "#answer", "#side": "#side" }[next];
  focus(`${next} ${inner}`) || focus(inner) || focus(next);
}
$("#cover").onclick = () => cover(true);
/* A key or a press shows the page again; not the key that covered it, held too long. */
covered.addEventListener("keydown", e => { e.stopPropagation(); if (["Escape", "Tab", "Shift", "Control", "Alt", "Meta"].includes(e.key) || e.repeat) return; e.preventDefault(); cover(false); });
covered.onclick = () => cover(false);
addEventListener("toggle", e => { if (e.target.id === "close" && e.newState === "open") partner(); }, true);
addEventListener("change", e => { if (e.target.name === "outcome") partner(); });
function partner() { const p = $("#partner"); if (p) p.hidden = $('[name="outcome"]:checked')?.value !== "partner"; }
})();
