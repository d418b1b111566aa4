/* A file as its text: completion from the draft, problems at their place while writing, help under the pointer. It is kept only when it is
   saved; until then it outlives a closed tab here, with the text it was begun on, so that saving later still merges with what others wrote. */
"use strict";
(() => {
const form = document.getElementById("file"), { CodeMirror: C, studio, studioBidi, studioDiff } = window;
if (!form || !C || !studio) return;
const $ = id => document.getElementById(id), d = form.dataset, words = JSON.parse(d.words), KEY = `studio-text:${studio.draft}:${d.file}`;
const fill = (text, values) => Object.entries(values).reduce((all, [key, value]) => all.replace(`{${key}}`, value), text);
const tag = (name, props = {}, ...inside) => { const made = Object.assign(document.createElement(name), props); made.append(...inside); return made; };
const icon = name => { const made = tag("template", { innerHTML: `<svg class="i" aria-hidden="true"><use href="#i-${name}"/></svg>` }); return made.content.firstChild; };
let base = form.elements.base.value, saved = base, saving = false, more = false, stashing = 0, view;
const text = () => view.state.doc.toString();
const ask = (what, body, signal) => fetch(`/studio/d/${encodeURIComponent(studio.draft)}/${what}`, { method: "POST", signal, headers: { "Content-Type": "application/json", Accept: "application/json", ...studio.token() }, body: JSON.stringify({ file: d.file, ...body }) }).then(answer => { if (!answer.ok || answer.redirected) throw new Error("late"); return answer.json(); });

/* ── what is kept here until it is saved ── */
const stash = () => { try { if (text() === saved) localStorage.removeItem(KEY); else localStorage.setItem(KEY, JSON.stringify({ base, text: text() })); } catch { /* private window: kept in the page */ } };
const stashed = () => { try { return JSON.parse(localStorage.getItem(KEY)); } catch { return null; } };
function dirty() {
  const is = text() !== saved;
  if (!$("save")) return;
  $("dirty").textContent = is ? d.unsaved : "";
  $("save").classList.toggle("main", is); $("save").setAttribute("aria-disabled", String(!is));
}

/* ── problems at their place: one question at a time, the newest text always asked about ── */
let timer = 0, asking = false, again = false, marks = [];
const looking = () => { clearTimeout(timer); timer = setTimeout(look, 120); };
async function look() {
  if (asking) { again = true; return; }
  asking = true;
  const doc = view.state.doc, slow = setTimeout(() => { $("count").textContent = d.checking; }, 900);
  try {
    const seen = await ask("look", { text: doc.toString() }, AbortSignal.timeout(15000));
    if (view.state.doc.eq(doc)) mark(seen); else again = true;
  } catch { $("count").textContent = d.late; again = false; clearTimeout(timer); timer = setTimeout(look, 4000); }
  finally { clearTimeout(slow); asking = false; if (again) { again = false; looking(); } }
}
function span(one) {
  const doc = view.state.doc, line = doc.line(Math.min(Math.max(one.line, 1), doc.lines)), from = Math.min(line.from + codeUnits(line.text, one.column - 1), line.to);
  const rest = line.text.slice(from - line.from);
  if (/^[|>]/.test(rest) && line.number < doc.lines) return block(doc, line);
  const pair = rest.match(/^[a-z][\w-]*:\s+(?=[^\s|>{[#])/)?.[0].length || 0, word = pair + (rest.slice(pair).match(/^("[^"]*"|'[^']*'|[^,{}[\]]*[^,{}[\]\s])/)?.[0].length || rest.slice(pair).trimEnd().length);
  const end = one.column <= 1 || /^(#|- )/.test(rest) ? line.from + line.text.trimEnd().length : from + word;
  return end > from ? [from, end] : [line.from + (line.text.length - line.text.trimStart().length), line.to];
}
/* The lines of a text that stands under its key. */
function block(doc, line) {
  const depth = text => text.length - text.trimStart().length, first = doc.line(line.number + 1), key = depth(line.text.replace(/^(\s*)- /, "$1  "));
  let last = first;
  while (last.number < doc.lines && depth(doc.line(last.number + 1).text) > key) last = doc.line(last.number + 1);
  return [first.from + depth(first.text), last.to];
}
const codeUnits = (text, points) => { let at = 0; for (let n = 0; n < points && at < text.length; n++) at += text.codePointAt(at) > 0xffff ? 2 : 1; return at; };
function mark(seen) {
  marks = seen.here.map(one => { const [from, to] = span(one); return { ...one, from, to, severity: one.warning ? "warning" : "error" }; });
  view.dispatch(C.setDiagnostics(view.state, marks.map(one => ({ from: one.from, to: one.to, severity: one.severity, message: one.sentence, renderMessage: () => told(one) }))));
  const count = marks.length + seen.more, st = $("count");
  st.className = "st " + (marks.some(one => !one.warning) ? "danger" : count ? "time" : "good");
  st.replaceChildren(icon(count ? (marks.some(one => !one.warning) ? "stop" : "warn") : "ok"), count ? fill(d.some, { n: count }) : d.none);
  $("problems").hidden = false; $("none").hidden = count > 0;
  $("found").replaceChildren(...marks.map(one => tag("li", { className: one.warning ? "warn" : "stop" }, tag("button", { type: "button", onclick: () => go(one.from) }, fill(d.line, { line: one.line })), told(one))));
  $("elsewhere-box").hidden = !seen.elsewhere.length;
  $("brought").replaceChildren(...seen.elsewhere.map(one => tag("li", { className: one.warning ? "warn" : "stop" }, tag("a", { href: `/studio/d/${studio.draft}/files/${one.file}#L${one.line}` }, tag("bdi", { className: "id", textContent: `${one.file.split("/").pop()}:${one.line}` })), told(one))));
}
function told(one) {
  const box = tag("div", { lang: document.documentElement.lang, dir: document.documentElement.dir }, tag("b", { textContent: one.title }), " ", tag("span", { textContent: one.todo }), tag("small", { dir: "ltr", lang: "en", textContent: one.sentence }));
  if (one.suggestion) box.append(" ", tag("span", { textContent: fill(d.meant, { word: one.suggestion }) }));
  return box;
}
const go = at => { view.dispatch({ selection: { anchor: at }, effects: C.EditorView.scrollIntoView(at, { y: "center" }) }); view.focus(); };

/* ── completion and help ── */
async function complete(context) {
  const before = context.state.sliceDoc(0, context.pos), word = context.matchBefore(/[\w.{-]+$/);
  if (!context.explicit && !word && !/(?:[:,[{]|^\s*-|^ +)\s?$/.test(before.slice(before.lastIndexOf("\n") + 1))) return null;
  const stop = new AbortController();
  context.addEventListener("abort", () => stop.abort());
  try {
    const { typed, options } = await ask("complete", { before, after: context.state.sliceDoc(context.pos) }, stop.signal);
    if (context.aborted || !options.length) return null;
    return { from: context.pos - typed.length, validFor: /^[\w.-]*$/, options: options.map((one, at) => ({ label: one.label, detail: one.more || undefined, apply: one.label + one.then, boost: Math.max(-99, 50 - at), info: one.about ? () => tag("div", { textContent: one.about, lang: document.documentElement.lang, dir: document.documentElement.dir }) : undefined })) };
  } catch { return null; }
}
const help = C.hoverTooltip(async (view, at) => {
  const line = view.state.doc.lineAt(at), rel = at - line.from, found = [...line.text.matchAll(/[a-z][a-z0-9.-]*/gi)].find(one => one.index <= rel && rel < one.index + one[0].length);
  if (!found) return null;
  const from = line.from + found.index, to = from + found[0].length;
  try {
    const is = await ask("explain", { before: view.state.sliceDoc(0, from), word: found[0], after: view.state.sliceDoc(from) }, AbortSignal.timeout(4000));
    if (!is.about && !is.more) return null;
    return { pos: from, end: to, above: true, create: () => ({ dom: tag("div", { className: "cm-help", lang: document.documentElement.lang, dir: document.documentElement.dir }, tag("b", {}, tag("bdi", { textContent: is.label })), " ", tag("span", { dir: "auto", textContent: is.about || is.more })) }) };
  } catch { return null; }
}, { hoverTime: 350 });

/* ── saving: merged with what others wrote; where both wrote the same lines, both are shown ── */
async function save() {
  if (saving) { more = true; return true; } /* once more, when the first has arrived */
  if (text() === saved) return true;
  const sent = text(), began = base;
  saving = true; stash();
  const answer = await studio.edit([{ type: "file", file: d.file, text: sent, base: began }], { own: true });
  saving = false;
  if (more) { more = false; setTimeout(save, 0); }
  if (answer.refused) { note(d.refused, true); return true; }
  if (answer.clashes?.length) {
    const [clash] = answer.clashes;
    if (clash.why === "changed") await both();
    else { note(`${d.refused} ${clash.theirs || ""}`, true); dirty(); }
    return true;
  }
  saved = sent; base = sent; hideBoth(); stash(); dirty();
  const there = await kept();
  if (there !== null && there !== sent && text() === sent) { put(there); saved = base = there; studio.say(d.merged); $("count").textContent = d.merged; }
  stash(); dirty(); looking();
  return true;
}
const kept = async () => { try { const answer = await fetch(`/studio/d/${encodeURIComponent(studio.draft)}/raw/${d.file}`, { headers: { Accept: "text/plain" }, signal: AbortSignal.timeout(15000) }); return answer.ok && !answer.redirected ? await answer.text() : null; } catch { return null; } };
/* Puts another text in, touching only what differs, so that the cursor stays where it was. */
function put(now) {
  const was = text();
  let head = 0, tail = 0;
  while (head < was.length && head < now.length && was[head] === now[head]) head++;
  while (tail < was.length - head && tail < now.length - head && was[was.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
  view.dispatch({ changes: { from: head, to: was.length - tail, insert: now.slice(head, now.length - tail) } });
}
async function both() {
  const theirs = await kept();
  if (theirs === null) return;
  base = theirs; stash();
  const hunks = studioDiff(theirs.split("\n"), text().split("\n")), box = $("hunks");
  box.replaceChildren(...hunks.map(hunk => {
    const side = (name, title, lines) => tag("div", { className: name }, tag("h3", { textContent: title }), tag("pre", { dir: "ltr", tabIndex: 0, textContent: lines.join("\n") || "—" }));
    const take = tag("button", { type: "button", className: "b", textContent: d.take }), row = tag("p", { className: "row" }, take);
    const made = tag("section", { className: "hunk" }, tag("p", { className: "where hint", textContent: fill(d.lines, { line: hunk.to + 1 }) }), side("theirs", d.theirs, hunk.was), side("mine", d.mine, hunk.now), row);
    take.onclick = () => {
      const lines = text().split("\n"), at = place(lines, hunk);
      if (at < 0) return;
      lines.splice(at, hunk.now.length, ...hunk.was); put(lines.join("\n")); made.remove();
      if (!box.children.length) hideBoth();
    };
    return made;
  }));
  $("both").hidden = !hunks.length;
  if (hunks.length) { $("h-two").focus(); $("both").scrollIntoView({ block: "nearest" }); }
  dirty();
}
/* Where the lines of a hunk stand now: at their place, or the nearest one. */
function place(lines, hunk) {
  const fits = at => hunk.now.every((line, n) => lines[at + n] === line);
  for (let far = 0; far <= lines.length; far++) for (const at of [hunk.to - far, hunk.to + far]) if (at >= 0 && at <= lines.length && fits(at)) return at;
  return -1;
}
const hideBoth = () => { $("both").hidden = true; };

/* ── upload: shown here with its problems, written nowhere until it is saved ── */
async function upload(file) {
  if (!file) return;
  if (file.size > 256 * 1024) { note(d.large, true); return; }
  const bytes = new Uint8Array(await file.arrayBuffer()), now = new TextDecoder().decode(bytes).replace(/\r\n?/g, "\n");
  let bad = "";
  try { new TextDecoder("utf-8", { fatal: true }).decode(bytes); } catch { bad = fill(d.bytes, { line: now.slice(0, now.indexOf("\ufffd")).split("\n").length }); }
  put(now); stash(); dirty(); hideBoth(); look();
  note(bad || d.uploaded, !!bad);
}
function note(text, wrong) { const box = $("restored"); box.hidden = false; box.classList.toggle("time", wrong); box.querySelector("span").textContent = text; studio.say(text); }

/* ── the editor: in a shadow of its own, where its styles need no word of the page's policy ── */
const { EditorView: V } = C, dark = matchMedia("(prefers-color-scheme: dark)");
const theme = new C.Compartment(), tags = C.tags, hue = (tag, color, more = {}) => ({ tag, color: `var(--${color})`, ...more });
const style = C.HighlightStyle.define([hue(tags.propertyName, "act"), hue(tags.definition(tags.propertyName), "act"), hue(tags.string, "ink"), hue(tags.content, "ink"), hue([tags.lineComment, tags.comment], "ink-3"), hue([tags.punctuation, tags.separator, tags.squareBracket, tags.brace], "ink-2"), hue(tags.meta, "time"), hue(tags.keyword, "act", { fontWeight: "600" }), hue(tags.atom, "human"), hue(tags.heading, "act", { fontWeight: "600" })]);
const dress = () => V.theme({
  "&": { blockSize: "100%", color: "var(--ink)", backgroundColor: "var(--sheet)", fontSize: "var(--t-s)", border: "1px solid var(--edge)", borderRadius: "var(--r2)", overflow: "hidden" },
  "&.cm-focused": { outline: "3px solid var(--focus)", outlineOffset: "2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.7" },
  ".cm-content": { caretColor: "var(--ink)", paddingBlock: ".5rem" },
  ".cm-cursor": { borderInlineStartColor: "var(--ink)", borderInlineStartWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--paper)", color: "var(--ink-3)", border: "0", borderInlineEnd: "1px solid var(--line)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--sunken) 45%, transparent)" }, ".cm-activeLineGutter": { backgroundColor: "var(--sunken)", color: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { background: "var(--act-soft) !important" },
  ".cm-selectionMatch": { backgroundColor: "var(--time-soft)" }, ".cm-searchMatch": { backgroundColor: "var(--time-soft)", outline: "1px solid var(--time)" }, ".cm-searchMatch-selected": { backgroundColor: "var(--act-soft)" },
  "&.cm-focused .cm-matchingBracket, .cm-matchingBracket": { backgroundColor: "var(--act-soft)", color: "inherit" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--sunken)", color: "var(--ink-2)", border: "1px solid var(--line)", paddingInline: ".4em" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--danger) 1.5px", textUnderlineOffset: "3px", backgroundColor: "var(--danger-soft)" },
  ".cm-lintRange-warning": { backgroundImage: "none", textDecoration: "underline wavy var(--time) 1.5px", textUnderlineOffset: "3px" },
  ".cm-tooltip": { backgroundColor: "var(--sheet)", color: "var(--ink)", border: "1px solid var(--edge)", borderRadius: "var(--r1)", boxShadow: "var(--shadow-2)", fontFamily: "var(--font)", fontSize: "var(--t-s)", lineHeight: "1.5", maxInlineSize: "34rem", zIndex: "20" },
  ".cm-help, .cm-tooltip-lint .cm-diagnostic, .cm-completionInfo": { padding: ".5rem .75rem" },
  ".cm-diagnostic": { borderInlineStart: "4px solid var(--danger)", borderLeftWidth: "0", whiteSpace: "normal" }, ".cm-diagnostic-warning": { borderInlineStartColor: "var(--time)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxBlockSize: "16rem", maxInlineSize: "min(34rem, 90vw)" },
  ".cm-tooltip-autocomplete ul li": { paddingBlock: ".2rem", paddingInline: ".6rem" },
  ".cm-tooltip.cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--act)", color: "var(--on-act)" },
  ".cm-completionDetail": { fontFamily: "var(--font)", fontStyle: "normal", color: "var(--ink-3)", marginInlineStart: "1em", unicodeBidi: "isolate" }, "li[aria-selected] .cm-completionDetail": { color: "inherit" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-panels": { backgroundColor: "var(--paper)", color: "var(--ink)", fontFamily: "var(--font)" }, ".cm-panels.cm-panels-top": { borderBlockEnd: "1px solid var(--line)" }, ".cm-panels.cm-panels-bottom": { borderBlockStart: "1px solid var(--line)" },
  ".cm-panel.cm-search": { padding: ".5rem", fontSize: "var(--t-s)" }, ".cm-panel.cm-search label": { fontSize: "var(--t-xs)" },
  ".cm-textfield": { fontSize: "var(--t-s)", border: "1px solid var(--edge)", borderRadius: "var(--r1)", backgroundColor: "var(--sheet)", color: "var(--ink)", padding: ".25rem .5rem" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "var(--sheet)", color: "var(--ink)", border: "1px solid var(--edge)", borderRadius: "var(--r1)", padding: ".25rem .6rem", fontSize: "var(--t-s)" },
  ".cm-panel.cm-search [name=close]": { color: "var(--ink)", fontSize: "1.25rem" },
  ".cm-rtl": { direction: "rtl", unicodeBidi: "isolate", fontFamily: "\"SF Arabic\", \"Noto Sans Arabic\", \"Segoe UI\", \"Geeza Pro\", system-ui, sans-serif", fontSize: "1.06em" }, ".cm-ltr": { direction: "ltr", unicodeBidi: "isolate", fontFamily: "var(--mono)" },
}, { dark: dark.matches });
const chat = C.StreamLanguage.define({ token(stream) {
  if (stream.sol()) { stream.eatSpace(); if (stream.match(/^[<>]/)) return "keyword"; if (stream.match(/^[a-z]+( [a-z]{2,3})?(?=:)/)) return "propertyName"; }
  if (stream.match(/^#.*/)) return "comment";
  if (stream.match(/^\[[^\]]*\]/) || stream.match(/^\([^)]*\)/)) return "atom";
  stream.next(); return null;
} });
const catalog = C.StreamLanguage.define({ token(stream) {
  if (stream.sol() && stream.match(/^#~?[.:,|]?.*/)) return "comment";
  if (stream.sol() && stream.match(/^msg[a-z_]+(\[\d\])?/)) return "propertyName";
  stream.skipToEnd(); return "string";
} });
/* Plain typing goes straight into the text: left to the browser it would copy styles into the line, which the policy of the page refuses. */
const typing = V.domEventHandlers({ beforeinput(event, view) {
  if (event.inputType !== "insertText" || !event.data || event.isComposing || view.composing || view.state.readOnly) return false;
  const { from, to } = view.state.selection.main, insert = () => view.state.update({ ...view.state.replaceSelection(event.data), userEvent: "input.type", scrollIntoView: true });
  event.preventDefault();
  if (!view.state.facet(V.inputHandler).some(handler => handler(view, from, to, event.data, insert))) view.dispatch(insert());
  return true;
} });
const language = d.kind === "chat" ? chat : d.kind === "catalog" ? catalog : C.yaml();
function begin() {
  const kept = stashed(), host = $("editor"), root = host.attachShadow({ mode: "open" });
  host.hidden = false; $("under").hidden = false; document.documentElement.classList.add("js");
  const restored = kept && typeof kept.text === "string" && kept.text !== saved && form.elements.text.value === saved;
  if (restored) base = kept.base;
  view = new V({ root, parent: root, doc: restored ? kept.text : form.elements.text.value, extensions: [
    C.lineNumbers(), C.highlightActiveLineGutter(), C.highlightSpecialChars(), C.history(), C.foldGutter(), C.drawSelection(), C.indentOnInput(), C.bracketMatching(), C.closeBrackets(), C.highlightActiveLine(), C.highlightSelectionMatches(), V.lineWrapping, C.lintGutter(), C.search({ top: true }), C.EditorState.readOnly.of(!!d.fixed),
    C.EditorState.allowMultipleSelections.of(false), C.indentUnit.of("  "), C.EditorState.phrases.of(words), V.contentAttributes.of({ "aria-label": d.label, "aria-multiline": "true", spellcheck: "false", autocapitalize: "off", lang: "en" }),
    C.autocompletion({ override: [complete], icons: false, maxRenderedOptions: 120 }), help, language, typing, C.syntaxHighlighting(style), theme.of(dress()), studioBidi(d.kind),
    C.keymap.of([{ key: "Mod-s", preventDefault: true, run: () => { save(); return true; } }, ...C.closeBracketsKeymap, ...C.completionKeymap, ...C.searchKeymap, ...C.historyKeymap, ...C.foldKeymap, ...C.lintKeymap, ...C.defaultKeymap, { key: "Tab", run: C.indentMore, shift: C.indentLess }]),
    V.updateListener.of(update => {
      if (update.docChanged) { looking(); dirty(); clearTimeout(stashing); stashing = setTimeout(stash, 250); }
      if (update.selectionSet || update.docChanged) { const at = update.state.selection.main.head, line = update.state.doc.lineAt(at); $("where").textContent = `${line.number}:${at - line.from + 1}`; }
    }),
  ] });
  view.scrollDOM.tabIndex = 0; view.scrollDOM.setAttribute("role", "group"); view.scrollDOM.setAttribute("aria-label", d.label); /* scrolled by keys too, where nothing is written */
  $("restored").hidden = !restored;
  dirty(); look(); toLine();
}
const toLine = () => { const line = Number(location.hash.match(/^#L(\d+)$/)?.[1]); if (line) go(view.state.doc.line(Math.min(line, view.state.doc.lines)).from); };
begin();
dark.addEventListener("change", () => view.dispatch({ effects: theme.reconfigure(dress()) }));
addEventListener("hashchange", toLine);
addEventListener("pagehide", stash);
form.addEventListener("submit", event => { event.preventDefault(); save(); });
$("upload")?.addEventListener("change", event => { upload(event.target.files[0]); event.target.value = ""; });
$("forget").addEventListener("click", async () => { const there = await kept(); if (there === null) return; put(there); saved = base = there; $("restored").hidden = true; stash(); dirty(); view.focus(); });
/* What another author saved comes in by itself while nothing is unsaved here; else saving merges it. */
document.body.dataset.live = "1";
async function refresh() { if (text() !== saved || saving) return; const there = await kept(); if (there !== null && text() === saved && there !== saved) { put(there); saved = base = there; dirty(); } looking(); }
document.addEventListener("studio:changed", refresh);
document.addEventListener("studio:refresh", refresh);
document.addEventListener("studio:edited", event => {
  const { edits = [], clashes, refused, undone } = event.detail, [one] = edits;
  if (undone) refresh();
  else if (!saving && one?.type === "file" && one.file === d.file && !clashes?.length && !refused && saved !== one.text) { saved = base = one.text; stash(); dirty(); } /* sent by an earlier page, arrived only now */
});
window.studioText = { get view() { return view; }, save, look };
})();
