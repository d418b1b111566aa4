/* Arabic inside YAML: each text that runs from right to left is an island of its own, so that it reads rightly between keys and signs. */
"use strict";
window.studioBidi = kind => {
const { Decoration, ViewPlugin, EditorView, Direction, Prec, syntaxTree } = window.CodeMirror;
const RTL = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/, ISLANDS = new Set(["QuotedLiteral", "Literal", "BlockLiteralContent", "Comment"]);
const rtl = Decoration.mark({ class: "cm-rtl", bidiIsolate: Direction.RTL }), ltr = Decoration.mark({ class: "cm-ltr", bidiIsolate: Direction.LTR });
const LINES = /^(?:\s*(?:[<>]|[a-z]+(?: [a-z]{2,3})?:)\s*|\s*(?:#[.,:|~]?\s*)?(?:msg[a-z]+(?:\[\d\])?\s+)?"?)/;

/* The parts of lines between these places that hold words, without the space before them. */
function islands(view, from, to, skip) {
  const found = [];
  for (let at = from; at <= to;) {
    const line = view.state.doc.lineAt(at), start = Math.max(from, line.from), end = Math.min(to, line.to), text = line.text.slice(start - line.from, end - line.from);
    const lead = skip ? (text.match(skip)?.[0].length ?? 0) : text.length - text.trimStart().length, last = text.replace(skip ? /"?\s*$/ : /\s+$/, "").length;
    if (last > lead && RTL.test(text)) found.push([start + lead, start + last]);
    at = line.to + 1;
  }
  return found;
}
function build(view) {
  const ranges = [], add = (from, to) => {
    const text = view.state.sliceDoc(from, to);
    if (!RTL.test(text)) return;
    const firstStrong = text.match(/[A-Za-z\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/)?.[0] || "";
    if (RTL.test(firstStrong)) ranges.push(rtl.range(from, to));
    for (const hole of text.matchAll(/\{[a-z0-9.-]+\}/g)) ranges.push(ltr.range(from + hole.index, from + hole.index + hole[0].length));
  };
  for (const { from, to } of view.visibleRanges) {
    if (kind === "chat" || kind === "catalog") { for (const [start, end] of islands(view, from, to, LINES)) add(start, end); continue; }
    syntaxTree(view.state).iterate({ from, to, enter(node) {
      if (!ISLANDS.has(node.name)) return;
      let start = node.from, end = node.to;
      if (node.name === "QuotedLiteral") { start++; if (end > start + 1) end--; }
      if (node.name === "Comment") start = Math.min(end, start + 1);
      for (const [a, b] of islands(view, Math.max(start, from), Math.min(end, to))) if (b > a) add(a, b);
      return false;
    } });
  }
  return Decoration.set(ranges, true);
}
const plugin = ViewPlugin.fromClass(class {
  constructor(view) { this.isolates = build(view); this.tree = syntaxTree(view.state); }
  update(update) {
    if (update.docChanged || update.viewportChanged || syntaxTree(update.state) !== this.tree) { this.isolates = build(update.view); this.tree = syntaxTree(update.state); }
  }
}, { provide: plugin => { const take = view => view.plugin(plugin)?.isolates ?? Decoration.none; return [EditorView.outerDecorations.of(take), Prec.lowest(EditorView.bidiIsolatedRanges.of(take))]; } });
return [plugin];
};
