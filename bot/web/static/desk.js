/* The desk, kept fresh: what all its scripts share. Without them the same pages are plain links and forms.
   What changed is fetched as a part of the page and put in place of the old part; what is being written or pressed is never touched. */
"use strict";
const Desk = (() => {
const $ = (s, e = document) => e.querySelector(s), all = (s, e = document) => [...e.querySelectorAll(s)];
const body = document.body, calm = matchMedia("(prefers-reduced-motion: reduce)");
const say = $("#say"), shout = $("#shout"), lost = $("#lost");
const same = html => html.replace(/name="action" value="[^"]*"/g, "").replace(/ (hidden|open)=""/g, "");
const known = new Map(); /* id → the part as the server last gave it */
const learn = (root = document) => { for (const id of ["watch", "filters", "head", "fold", "tail", "side", "to", "send"]) { const e = $("#" + id, root); if (e) known.set(id, same(e.outerHTML)); } };
learn();
const scripted = root => all(".scripted", root).forEach(e => { e.hidden = false; });
scripted(document);
const D = { $, all, body, calm, code: $("#talk")?.dataset.code || "", hooks: { opened: [], fresh: [], rows: [] } };

D.word = (name, values = {}) => Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), body.dataset[name] || "");
D.say = (text, loud) => { const place = loud ? shout : say; place.textContent = ""; setTimeout(() => { place.textContent = text; }, 50); };
D.line = (up, text) => { if (up) { lost.hidden = true; lost.textContent = ""; } else if (text) { lost.textContent = text; lost.hidden = false; } };
D.said = (text, good) => {
  $("#said")?.remove();
  const place = $(".mid");
  if (!place || !text) return;
  place.insertAdjacentHTML("afterbegin", `<p class="said ${good ? "good" : "bad"}" id="said" role="${good ? "status" : "alert"}"><svg class="i" aria-hidden="true"><use href="#i-${good ? "ok" : "warn"}"/></svg><span></span></p>`);
  const mine = $("#said");
  $("span", mine).textContent = text;
  if (good) setTimeout(() => mine.remove(), 6000);
};
D.view = name => {
  body.dataset.view = name;
  all(".foot a").forEach(a => a.toggleAttribute("aria-current", a.dataset.place === name));
  if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
};
D.token = () => ({ "X-Form-Token": $('meta[name="form-token"]')?.content || "" }); /* of this page's session: what was queued in an earlier one goes with it */
D.fetch = async (address, options = {}) => {
  const answer = await fetch(address, { signal: AbortSignal.timeout(15000), ...options, headers: { ...options.headers, ...D.token() } });
  if (answer.status === 401 || (answer.redirected && new URL(answer.url).pathname === "/signin")) { location.assign("/signin"); throw new Error("out"); }
  return answer;
};
D.part = async address => { const fresh = new DOMParser().parseFromString(await (await D.fetch(address)).text(), "text/html"); scripted(fresh); return fresh; };
/* Puts a part in place if the server says something else than last time. */
D.swap = (fresh, id, keep) => {
  const was = document.getElementById(id), is = fresh.getElementById(id);
  if (!is) { if (was && id !== "side") was.remove(); known.delete(id); return false; }
  const html = same(is.outerHTML);
  if (!was || known.get(id) === html || (keep && keep(was))) return false;
  known.set(id, html);
  if (was.open) is.open = true;
  const focus = was.contains(document.activeElement) ? document.activeElement.id : "";
  const at = was.scrollTop;
  was.replaceWith(is);
  is.scrollTop = at;
  if (focus) document.getElementById(focus)?.focus();
  return true;
};
D.busy = e => e.contains(document.activeElement) && document.activeElement.matches("input, textarea, select, button") || all("input, textarea, select", e).some(f => f.type === "checkbox" || f.type === "radio" ? f.checked !== f.defaultChecked : f.value !== (f.defaultValue ?? "") && f.tagName !== "SELECT");

/* ── the queue ── */
const rowsAddress = only => { const q = new URLSearchParams(location.search); q.set("at", D.code); if (only) q.set("only", only.join(",")); return "/desk/rows?" + q; };
let pointed = 0;
for (const kind of ["pointerdown", "pointermove", "touchmove"]) $("#queue")?.addEventListener(kind, () => { pointed = performance.now(); }, { passive: true });
const still = () => new Promise(done => { const began = performance.now(), look = () => performance.now() - pointed > 600 || performance.now() - began > 2500 ? done() : setTimeout(look, 120); look(); });
D.rows = async only => {
  const fresh = await D.part(rowsAddress(only));
  D.swap(fresh, "watch");
  D.swap(fresh, "filters");
  const was = $("#rows"), is = fresh.getElementById("rows"), queue = $("#queue");
  if (!was || !is) return;
  const old = new Map(all("li[data-code]", was).map(li => [li.dataset.code, li]));
  const bare = all("li[data-code]:empty", is);
  if (bare.some(li => !old.has(li.dataset.code))) return D.rows();
  if (pointed && performance.now() - pointed < 600) await still();
  const focus = was.contains(document.activeElement) ? document.activeElement.closest("li")?.dataset.code : "";
  const tops = new Map([...old].map(([code, li]) => [code, li.getBoundingClientRect().top]));
  const edge = queue.getBoundingClientRect().top, anchor = [...old.keys()].find(code => tops.get(code) >= edge);
  const glow = new Set(all(".case.fresh", was).map(a => a.parentNode.dataset.code));
  for (const li of bare) li.replaceWith(old.get(li.dataset.code));
  was.replaceWith(is);
  for (const li of all("li[data-code]", is)) { const a = li.firstElementChild; a.toggleAttribute("aria-current", li.dataset.code === D.code); if (li.dataset.code === D.code) a.setAttribute("aria-current", "true"); a.classList.toggle("fresh", glow.has(li.dataset.code) && li.dataset.code !== D.code); }
  const now = anchor && $(`li[data-code="${anchor}"]`, is);
  if (now && queue.scrollTop > 0) queue.scrollTop += now.getBoundingClientRect().top - tops.get(anchor);
  if (focus) $(`li[data-code="${focus}"] a`, is)?.focus({ preventScroll: true });
  if (!calm.matches) for (const li of all("li[data-code]", is)) {
    const before = tops.get(li.dataset.code), by = before === undefined ? 0 : before - li.getBoundingClientRect().top;
    if (by && Math.abs(by) < 2000) li.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: 200, easing: "cubic-bezier(.2, 0, 0, 1)" });
  }
  D.hooks.rows.forEach(f => f());
};

/* ── one case ── */
const place = (fresh, how) => { for (const f of D.hooks[how]) f(fresh); };
D.open = async (code, { push = true, view = "thread" } = {}) => {
  const talk = $("#talk"), slow = setTimeout(() => talk.classList.add("loading"), 150);
  try {
    const fresh = await D.part(`/desk/${encodeURIComponent(code)}/part`);
    if (push) history.pushState({}, "", `/desk/${code}${location.search.replace(/[?&]said=[^&]*/, "")}`);
    D.code = code;
    for (const id of ["sheets", "side"]) document.getElementById(id)?.remove();
    known.clear();
    $("#talk").replaceWith(...fresh.body.children);
    learn();
    $(".cols").classList.add("open");
    D.view(view);
    all(".case").forEach(a => a.parentNode.dataset.code === code ? (a.setAttribute("aria-current", "true"), a.classList.remove("fresh")) : a.removeAttribute("aria-current"));
    const [, thread, card] = all(".foot a");
    thread.href = `/desk/${code}#talk`; card.href = "#side"; $(".code", thread).textContent = code;
    place(document, "opened");
    D.line(true);
  } catch { D.lostNow?.(); } finally { clearTimeout(slow); $("#talk")?.classList.remove("loading"); }
};
D.fresh = async (last = 20) => {
  const code = D.code;
  if (!code) return;
  const fresh = await D.part(`/desk/${encodeURIComponent(code)}/part?slim=1&last=${last}`);
  if (D.code !== code) return;
  const acts = !!fresh.querySelector('#head [popovertarget="close"]'), had = !!$("#sheets > *");
  const erased = fresh.querySelector('#write[data-kind="erased"]') && !$('#write[data-kind="erased"]'); /* nothing of it stays, not even in the page */
  if (erased || !fresh.getElementById("head") || (acts !== had && !$("#sheets :popover-open"))) return D.open(code, { push: false, view: body.dataset.view });
  D.swap(fresh, "head");
  if (!$("#fold") && fresh.getElementById("fold")) return D.open(code, { push: false, view: body.dataset.view });
  D.swap(fresh, "fold");
  D.swap(fresh, "side", D.busy);
  const was = $("#write"), is = fresh.getElementById("write");
  if (was && is && was.dataset.kind !== is.dataset.kind) Desk.relock(was, is);
  else { D.swap(fresh, "to"); D.swap(fresh, "send"); }
  await D.lines(fresh, last);
  place(fresh, "fresh");
};

/* ── walking ── */
addEventListener("click", e => {
  if (e.defaultPrevented || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
  const row = e.target.closest(".case"), to = e.target.closest("[data-place]");
  if (body.dataset.view === "case" && innerWidth > 768 && innerWidth <= 1280 && !e.target.closest("#side, .pop")) D.view("thread");
  if (row) { e.preventDefault(); const code = row.parentNode.dataset.code; if (code === D.code && $("#write")) D.view("thread"); else D.open(code).then(() => $("#thread")?.focus({ preventScroll: true })); }
  else if (to && (to.dataset.place === "queue" ? innerWidth <= 768 && D.code : D.code)) {
    e.preventDefault();
    D.view(to.dataset.place);
    if (to.dataset.place === "case") $("#side")?.focus({ preventScroll: true });
    if (to.dataset.place === "queue") $(`li[data-code="${D.code}"] a`)?.focus();
  }
});
addEventListener("popstate", () => { const code = decodeURIComponent(location.pathname.split("/")[2] || ""); if (code.includes("-")) D.open(code, { push: false }); else location.reload(); });
addEventListener("pageshow", e => { if (e.persisted) location.reload(); });
const address = new URL(location.href);
if (address.searchParams.has("said")) { address.searchParams.delete("said"); history.replaceState(null, "", address); } /* said once */
return D;
})();
