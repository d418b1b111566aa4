/* The table of texts: a field is text until one writes in it; it is kept as one leaves it, and every key of it outlives a closed laptop. */
"use strict";
(() => {
const { $, all, edit, draft, part, say, leave, token } = window.studio, table = $("#texts");
if (!table) return;
const TYPING = "studio-typing:" + draft, here = `/studio/d/${encodeURIComponent(draft)}/texts`;
document.body.dataset.live = "yes";
const cellOf = area => area.closest(".cell"), rowOf = node => node.closest("tr[data-id]");
const idOf = node => rowOf(node).dataset.id, languageOf = node => node.closest(".cell").dataset.language;
const rowNamed = id => document.getElementById("t-" + id);
const fields = cell => all(".words", cell);

/* ── what is typed and not sent yet ── */
const typing = () => { try { return JSON.parse(localStorage.getItem(TYPING)) || {}; } catch { return {}; } };
const keep = (key, one) => { try { const kept = typing(); if (one) kept[key] = one; else delete kept[key]; if (Object.keys(kept).length) localStorage.setItem(TYPING, JSON.stringify(kept)); else localStorage.removeItem(TYPING); } catch { /* private window */ } };
const keyOf = cell => rowOf(cell).dataset.id + "|" + cell.dataset.language;
function editOf(cell) {
  const all = fields(cell), forms = all[0].dataset.form === undefined ? [] : all.map(one => one.value.trim());
  return { type: "text", id: idOf(cell), language: cell.dataset.language, text: all[0].value.trim(), was: all[0].dataset.was, ...(forms.length ? { forms } : {}) };
}
const dirty = cell => fields(cell).some(area => area.value.trim() !== area.dataset.was);
for (const one of Object.values(typing())) edit([one]);
try { localStorage.removeItem(TYPING); } catch { /* nothing was kept */ }

/* ── writing ── */
const tries = new Map(); let waiting = 0, idle = 0;
const grow = area => { if (CSS.supports("field-sizing", "content")) return; area.style.blockSize = "auto"; area.style.blockSize = area.scrollHeight + "px"; };
table.addEventListener("input", e => {
  const area = e.target.closest(".words");
  if (!area) return;
  const cell = cellOf(area);
  grow(area);
  keep(keyOf(cell), dirty(cell) ? editOf(cell) : null);
  clearTimeout(waiting); waiting = setTimeout(() => look_at(area), 250);
  clearTimeout(idle); idle = setTimeout(() => commit(cell), 4000);
});
async function look_at(area) {
  const text = area.value, cell = cellOf(area);
  if (area.dataset.form !== undefined) return null;
  const asked = fetch(here + "/try", { method: "POST", headers: { "Content-Type": "application/json", Accept: "text/html", ...token() }, signal: AbortSignal.timeout(8000), body: JSON.stringify({ id: idOf(cell), language: cell.dataset.language, text }) })
    .then(answer => answer.ok ? answer.text() : Promise.reject(new Error("late")))
    .then(html => new DOMParser().parseFromString(html, "text/html").getElementById("tried"))
    .catch(() => null);
  tries.set(area, { text, asked });
  const found = await asked;
  if (!found || area.value !== text) return found;
  cell.classList.toggle("is-wrong", !!$(".wrong li", found));
  $(".found", cell).replaceWith($(".found", found));
  const count = $(".count", found), old = $(".count", cell);
  if (count && old) old.replaceWith(count); else if (count) $(".under", cell).prepend(count);
  return found;
}
function commit(cell) {
  clearTimeout(idle);
  keep(keyOf(cell), null);
  if (!dirty(cell)) return;
  const one = editOf(cell);
  for (const area of fields(cell)) area.dataset.was = area.value.trim();
  edit([one]);
}
function left(area) {
  const cell = cellOf(area);
  if (!dirty(cell)) { keep(keyOf(cell), null); return; }
  const text = area.value, last = tries.get(area), asked = last && last.text === text ? last.asked : look_at(area);
  leave(text, asked.then(found => found?.dataset.mended ?? null), {
    still: () => area.value === text && document.activeElement !== area,
    set: mended => { area.value = mended; grow(area); look_at(area); },
    keep: () => { if (document.activeElement !== area) commit(cell); },
  });
}
table.addEventListener("focusout", e => { const area = e.target.closest(".words"); if (area) left(area); });
addEventListener("pagehide", () => all(".cell", table).filter(cell => fields(cell).length && dirty(cell)).forEach(commit));

/* ── what became of it, here or at a colleague's ── */
document.addEventListener("studio:edited", e => {
  const refused = new Set((e.detail.clashes || []).map(one => one.edit.id + "|" + one.edit.language)), seen = new Set();
  for (const one of e.detail.edits || []) {
    if (one.type !== "text" && one.type !== "confirm") continue;
    seen.add(one.id);
    const row = rowNamed(one.id), cell = row && $(`.cell[data-language="${one.language}"]`, row);
    if (!cell || one.type !== "text" || refused.has(one.id + "|" + one.language)) continue;
    fields(cell).forEach((area, place) => { const now = one.forms?.[place] ?? one.text; if (area.value.trim() === area.dataset.was && document.activeElement !== area) area.value = now; area.dataset.was = now; });
  }
  for (const id of seen) refresh(id);
  if (e.detail.undone) location.reload();
});
document.addEventListener("studio:changed", e => { const id = e.detail.clash?.edit?.id; if (id) refresh(id, true); });
async function refresh(id, theirs = false) {
  const row = rowNamed(id);
  if (!row) return;
  try {
    const fresh = (await part(`${here}/row?id=${encodeURIComponent(id)}`)).querySelector("tr[data-id]");
    if (!fresh) return;
    row.dataset.source = fresh.dataset.source;
    for (const cell of all(".cell", row)) {
      const now = $(`.cell[data-language="${cell.dataset.language}"]`, fresh);
      if (!now) continue;
      const busy = cell.contains(document.activeElement) && dirty(cell);
      if (!busy) cell.className = now.className;
      const picked = !!$(".pick:checked", cell), again = $(".pick", now);
      if (picked && again) again.checked = true;
      $(".under", cell).replaceWith($(".under", now));
      fields(cell).forEach((area, place) => {
        const stands = fields(now)[place];
        if (!stands || busy) return;
        if (theirs || (area.value.trim() === area.dataset.was && document.activeElement !== area)) { area.value = stands.value; grow(area); }
        area.dataset.was = stands.dataset.was;
      });
    }
    count_chosen();
    if (row.classList.contains("open") && shown) show(shown, true);
  } catch { /* the next look will tell */ }
}

/* ── the row that is open: its screen and its help ── */
let shown = null, slow = 0;
const wide = matchMedia("(min-width: 80.01rem)");
table.addEventListener("focusin", e => {
  const area = e.target.closest(".words");
  if (!area) return;
  for (const open of all("tr.open", table)) if (open !== rowOf(area)) open.classList.remove("open");
  rowOf(area).classList.add("open");
  if (shown !== area) { clearTimeout(slow); slow = setTimeout(() => show(area), 120); }
});
async function show(area, again = false) {
  const id = idOf(area), tongue = languageOf(area);
  if (!again && shown && shown.isConnected && idOf(shown) === id && languageOf(shown) === tongue) return;
  shown = area;
  try {
    const found = $(".looked", await part(`${here}/look?id=${encodeURIComponent(id)}&tongue=${encodeURIComponent(tongue)}`));
    if (shown !== area || !found) return;
    for (const old of all("tr.beside", table)) old.remove();
    if (wide.matches) { $("#look").replaceChildren(found); return; }
    const row = document.createElement("tr"), cell = document.createElement("td");
    row.className = "beside"; cell.colSpan = 9; cell.append(found); row.append(cell); rowOf(area).after(row);
  } catch { /* a picture can wait */ }
}
function put(area, words) { area.focus(); if (!document.execCommand("insertText", false, words)) { area.setRangeText(words, area.selectionStart, area.selectionEnd, "end"); area.dispatchEvent(new Event("input", { bubbles: true })); } }
document.addEventListener("mousedown", e => { if (e.target.closest("[data-insert], .put, .same")) e.preventDefault(); }); /* the caret stays where it is, and nothing moves under the finger */
document.addEventListener("click", e => {
  const insert = e.target.closest("[data-insert]"), better = e.target.closest(".put"), same = e.target.closest(".same");
  if (insert && shown?.isConnected) put(shown, insert.dataset.insert);
  if (better) {
    const area = $(".words", better.closest(".cell")), stands = better.dataset.stands, near = Number(better.dataset.at);
    const places = []; for (let at = area.value.indexOf(stands); stands && at >= 0; at = area.value.indexOf(stands, at + 1)) places.push(at);
    const at = places.sort((a, b) => Math.abs(a - near) - Math.abs(b - near))[0];
    if (at === undefined) return;
    area.focus(); area.setSelectionRange(at, at + stands.length); put(area, better.dataset.put);
  }
  if (same) confirm([same.closest(".cell")]);
});

/* ── the meaning is unchanged ── */
function confirm(cells) {
  if (!cells.length) return;
  edit(cells.map(cell => ({ type: "confirm", id: idOf(cell), language: cell.dataset.language, was: rowOf(cell).dataset.source })));
  const next = cells.length === 1 ? after(cells[0], cell => cell.classList.contains("is-stale")) : null;
  for (const cell of cells) { cell.classList.remove("is-stale"); $(".was", cell)?.remove(); $(".under > .st.time", cell)?.remove(); }
  count_chosen();
  say(table.dataset.confirmed);
  if (next) $(".words", next).focus();
}
const chosen = () => all(".pick:checked", table).map(one => one.closest(".cell"));
function count_chosen() { const box = $("#chosen"), picked = chosen().length; box.hidden = picked < 2; $("span", box).textContent = picked; }
table.addEventListener("change", e => { if (e.target.matches(".pick")) count_chosen(); });
$("#chosen button").addEventListener("click", () => confirm(chosen()));

/* ── by keyboard ── */
function after(cell, wanted) {
  const cells = all(`.cell[data-language="${cell.dataset.language}"]`, table), at = cells.indexOf(cell);
  return [...cells.slice(at + 1), ...cells.slice(0, at)].find(wanted) || null;
}
const open = cell => cell.classList.contains("is-missing") || cell.classList.contains("is-stale") || cell.classList.contains("is-wrong");
table.addEventListener("keydown", e => {
  const area = e.target.closest(".words");
  if (!area) return;
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
    e.preventDefault();
    const next = after(cellOf(area), open);
    if (next) $(".words", next).focus(); else { area.blur(); area.focus(); say(table.dataset.none); }
  } else if (e.key === "Escape" && area.value !== area.dataset.was) {
    area.value = area.dataset.was; area.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
all(".words", table).forEach(grow);
})();
