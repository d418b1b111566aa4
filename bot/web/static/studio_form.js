/* Forms of the script: what is chosen and written becomes edits, each at its place. In "edit" a field is saved when it is left, words also while
   typing pauses; in "add" nothing is sent before the button, and what was typed outlives a closed tab. */
"use strict";
studio.forms = (() => {
const S = studio, { $, all } = S, script = $("#script"), flow = script.dataset.flow, file = `flows/${flow}.yaml`;
const base = `/studio/d/${encodeURIComponent(S.draft)}/flows/${encodeURIComponent(flow)}`, W = JSON.parse(script.dataset.words);
const RESERVED = new Set("end leave yes no skipped skip done known is has and or not language country now heard team".split(" "));
let known = null;
const words = async fresh => { if (fresh || !known) known = await (await fetch(base + "/words", { headers: { Accept: "application/json" } })).json(); return known; };
const root = form => form.dataset.path ? ["steps", form.dataset.path] : []; /* of the head of the flow: its file */
const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
const isMap = value => !!value && typeof value === "object" && !Array.isArray(value);
const copy = value => JSON.parse(JSON.stringify(value));
const el = (tag, props = {}, ...inside) => { const e = Object.assign(document.createElement(tag), props); e.append(...inside); return e; };
const icon = name => { const box = document.createElement("span"); box.innerHTML = `<svg class="i" aria-hidden="true"><use href="#i-${name}"/></svg>`; return box.firstElementChild; };

/* ── names for what is new ── */
function named(text, otherwise, taken) {
  const latin = text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[’']/g, "").replace(/[^a-z0-9]+/g, "-").replace(/^[^a-z]+|-+$/g, "");
  let name = latin.split("-").slice(0, 4).join("-").slice(0, 32).replace(/-+$/, "");
  if (name.length < 2) name = otherwise + "-1";
  const flows = new Set(known ? known.flows.map(one => one[0]) : []);
  const free = one => !taken.has(one) && !RESERVED.has(one) && !flows.has(one) && one !== flow;
  if (free(name)) return name;
  const stem = name.replace(/-\d+$/, "");
  for (let n = 2; ; n += 1) if (free(`${stem}-${n}`)) return `${stem}-${n}`;
}

/* ── lists to choose from ── */
const option = (value, text) => el("option", { value, textContent: text || value });
const group = (label, options) => { const g = el("optgroup", { label }); g.append(...options); return options.length ? [g] : []; };
const places = (form, prefix = "") => known.places.filter(([name]) => name !== form.dataset.key).map(([name, title]) => option(prefix + name, title));
const flows = prefix => known.flows.map(([name, title]) => option(prefix + name, title));
const ends = prefix => ["end", "leave"].map(name => option(prefix + name, W["to." + name]));
const LISTS = {
  targets: form => [...group(W.here, places(form)), ...group(W.others, flows("")), ...group(W.ends, ends(""))],
  leads: form => [option("", W.next), ...group(W.branch, [option("new", W.new)]), ...group(W.here, places(form, "go:")), ...group(W.back, flows("call:")), ...group(W.others, flows("go:")), ...group(W.ends, ends("go:"))],
  flows: () => flows(""), teams: () => known.teams.map(one => option(...one)), countries: () => known.countries.map(one => option(...one)),
  recipients: () => [...group(W.teams, known.teams.map(one => option(...one))), ...group(W.partners, known.partners.map(one => option(...one))), option("me", W.me)],
  needs: () => known.needs.map(name => option(name)), consents: () => known.consents.map(([name, title]) => option(name, title)), sets: () => known.sets.map(([name, title]) => option(name, title)),
  answers: () => known.asked.filter(one => !one.name.includes(".") && !["language", "now", "heard"].includes(one.name)).map(one => option(one.name, one.title)),
};
function fill(form, select, list) {
  const value = select.dataset.value || "", empty = select.dataset.empty;
  const options = LISTS[list](form);
  select.replaceChildren(...(empty !== undefined && empty !== "" ? [option("", empty)] : list !== "leads" && list !== "sets" && !value ? [option("", W.choose)] : []), ...options);
  if (list === "sets" && !value) select.selectedIndex = 0; else select.value = value;
  if (value && select.value !== value) { select.append(option(value)); select.value = value; }
}

/* ── conditions ── */
const TESTS = { one: ["is", "is-not", "known", "unknown"], many: ["has", "has-not", "known", "unknown"], number: ["<", "<=", ">", ">=", "is", "known", "unknown"], date: ["<", "<=", ">", ">=", "known", "unknown"], free: ["known", "unknown"] };
const BUILT_IN = name => ["language", "now", "heard"].includes(name) || name.startsWith("team.");
function condition(form, box) {
  const raw = el("input", { className: "field raw", dir: "ltr", hidden: true, value: box.dataset.value || "", spellcheck: false });
  raw.setAttribute("aria-label", W["if.text"]);
  const sentence = el("p", { className: "sentence" }); sentence.setAttribute("aria-live", "polite");
  const list = el("div", { className: "clauses" }), joiner = el("select", { className: "field short" }, option("and", W["if.all"]), option("or", W["if.any"])), tools = el("p", { className: "row" });
  joiner.setAttribute("aria-label", W["if.joined"]);
  const more = el("button", { type: "button", className: "b" }, icon("plus"), el("span", { textContent: W["if.add"] })), plain = el("button", { type: "button", className: "b quiet", textContent: W["if.as-text"] });
  tools.append(more, joiner, plain);
  box.replaceChildren(sentence, list, raw, tools);
  let last = box.dataset.value || "", timer = 0;
  const given = box.dataset.rows ? JSON.parse(box.dataset.rows) : null;
  const text = () => {
    if (!raw.hidden) return raw.value.trim();
    const rows = all(".clause", list).map(written);
    return rows.every(Boolean) ? rows.join(joiner.value === "or" ? " or " : " and ") : null;
  };
  const written = row => {
    const name = $(".q", row).value, test = $(".test", row)?.value, values = all(".v input:checked, .v input.value", row).map(one => one.value.trim()).filter(Boolean);
    if (!name || !test) return "";
    if (test === "known") return `known ${name}`;
    if (test === "unknown") return `not known ${name}`;
    if (!values.length) return "";
    if (test === "has" || test === "has-not") { const each = values.map(value => `${test === "has" ? "" : "not "}${name} has ${value}`); return each.length > 1 ? `(${each.join(test === "has" ? " or " : " and ")})` : each[0]; }
    return test === "is" || test === "is-not" ? `${name} is ${test === "is" ? "" : "not "}${values.join("/")}` : `${name} ${test} ${values[0]}`;
  };
  const tell = async value => {
    if (value === null) { sentence.textContent = W["if.unfinished"]; return; }
    if (!value) { sentence.textContent = W["if.always"]; return; }
    try { const is = await (await fetch(`${base}/said?if=${encodeURIComponent(value)}`, { headers: { Accept: "application/json" } })).json(); if (text() === value) { sentence.textContent = is.said; sentence.classList.toggle("wrong", !is.ok); } } catch { sentence.textContent = value; }
  };
  const changed = () => { joiner.hidden = all(".clause", list).length < 2; const value = text(); clearTimeout(timer); timer = setTimeout(() => tell(value), 150); if (value !== null && value !== last) { last = value; box.dispatchEvent(new CustomEvent("condition", { bubbles: true, detail: value })); } };
  const draw = (row, clause) => {
    const asked = known.asked.find(one => one.name === clause.name), kind = asked?.kind || "one";
    const tests = asked && BUILT_IN(asked.name) ? ["is", "is-not"] : TESTS[kind];
    const pick = el("select", { className: "field test" }); pick.setAttribute("aria-label", W["if.test"]);
    pick.append(...tests.map(one => option(one, W["test." + one])));
    if (clause.test) pick.value = clause.test;
    const v = el("span", { className: "v" }), test = pick.value;
    if (asked && test !== "known" && test !== "unknown") {
      if (["<", "<=", ">", ">="].includes(test) || kind === "number") v.append(Object.assign(el("input", { className: "field short value", dir: "ltr", value: clause.values?.[0] || "", inputMode: kind === "number" ? "numeric" : "text", placeholder: kind === "date" ? "2026-12-31" : "" })));
      else for (const one of asked.values) { const box = el("input", { type: "checkbox", value: one.name, checked: (clause.values || []).includes(one.name) }); v.append(el("label", { className: "tick" }, box, el("span", { textContent: one.title }))); }
      for (const input of all("input.value", v)) input.setAttribute("aria-label", W["if.value"]);
    }
    row.querySelectorAll(".test, .v").forEach(one => one.remove());
    $(".q", row).after(...(asked ? [pick, v] : []));
  };
  const add = (clause = {}) => {
    const q = el("select", { className: "field q" }, option("", W["if.question"]), ...known.asked.map(one => option(one.name, one.title))); q.setAttribute("aria-label", W["if.question"]);
    q.value = clause.name || "";
    if (clause.name && q.value !== clause.name) { q.append(option(clause.name)); q.value = clause.name; }
    const off = el("button", { type: "button", className: "b quiet icon off" }, icon("bin"), el("span", { className: "vh", textContent: W["if.remove"] }));
    const row = el("div", { className: "clause" }, q, off);
    list.append(row); draw(row, clause); return row;
  };
  list.addEventListener("change", e => { const row = e.target.closest(".clause"); if (e.target.matches(".q")) draw(row, { name: e.target.value }); else if (e.target.matches(".test")) { draw(row, { name: $(".q", row).value, test: e.target.value, values: all(".v input:checked, .v input.value", row).map(one => one.value) }); $(".test", row).focus(); } changed(); });
  list.addEventListener("click", e => { const off = e.target.closest(".off"); if (off) { off.closest(".clause").remove(); more.focus(); changed(); } });
  more.addEventListener("click", () => { $(".q", add()).focus(); changed(); });
  joiner.addEventListener("change", changed);
  raw.addEventListener("change", changed);
  raw.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => tell(raw.value.trim()), 250); });
  plain.addEventListener("click", () => { const value = text() ?? last; raw.value = value; raw.hidden = false; list.hidden = true; more.hidden = joiner.hidden = plain.hidden = true; raw.focus(); });
  if (last && !given) { raw.hidden = false; list.hidden = true; more.hidden = joiner.hidden = plain.hidden = true; }
  else if (given) { joiner.value = given.any ? "or" : "and"; given.rows.forEach(add); }
  joiner.hidden = all(".clause", list).length < 2;
  box.text = text;
  tell(last);
}

/* ── what stands in a form ── */
const at = (body, path) => path.reduce((value, key) => value?.[key] ?? null, body);
function put(body, path, value) {
  const next = copy(body); let place = next;
  path.slice(0, -1).forEach(key => { if (!isMap(place[key]) && !Array.isArray(place[key])) place[key] = {}; place = place[key]; });
  const key = path[path.length - 1];
  if (value === null || value === "" || (Array.isArray(value) && !value.length)) delete place[key]; else place[key] = value;
  for (let n = path.length - 1; n > 0; n -= 1) { const holder = at(next, path.slice(0, n)); if (isMap(holder) && !Object.keys(holder).length) delete at(next, path.slice(0, n - 1) || []) [path[n - 1]]; }
  return next;
}
function value(field) {
  const kind = field.dataset.kind;
  if (kind === "flag") return field.checked ? "yes" : null;
  if (kind === "boxes") return all("input:checked", field).map(one => one.value);
  if (kind === "several") { const each = field.value.split(/[\s,،;]+/).filter(Boolean); return each.length > 1 ? each : each[0] ?? null; }
  return field.value.trim() || null;
}
/* The edits that turn the step as it was into the step as it is to be: the least that says it. */
function changes(form, next) {
  const was = form.body, edits = [], path = root(form);
  const one = (place, value, before) => edits.push({ type: "value", file, path: [...path, ...place], value: value ?? null, was: before ?? null });
  for (const key of new Set([...Object.keys(was), ...Object.keys(next)])) {
    const a = was[key], b = next[key];
    if (same(a, b)) continue;
    const grown = isMap(a) && isMap(b) && same(Object.keys(b).filter(each => each in a), Object.keys(a).filter(each => each in b)) && same(Object.keys(b), [...Object.keys(b).filter(each => each in a), ...Object.keys(b).filter(each => !(each in a))]);
    if (grown) { for (const each of new Set([...Object.keys(a), ...Object.keys(b)])) if (!same(a[each], b[each])) one([key, each], b[each], a[each]); } else one([key], b, a);
  }
  return edits;
}
function save(form, next, more = []) {
  const edits = [...more, ...changes(form, next)];
  form.body = next;
  return edits.length ? S.edit(edits) : null;
}

/* ── words ── */
const dirty = area => area.value.trimEnd() !== (area.was ?? area.defaultValue).trimEnd();
function write(form, area) {
  if (form.dataset.mode !== "edit" || !dirty(area) || area.dataset.branch || area.readOnly) return;
  const source = form.dataset.source, language = area.dataset.language, box = area.closest("[data-at], .choice");
  const place = box.dataset.at !== undefined ? box.dataset.at.split(".") : ["choices", box.dataset.choice];
  if (!box.dataset.at && !box.dataset.choice) return; /* a new row: sent by its button */
  const id = area.dataset.id || form.dataset.id + (box.dataset.part || ""), text = area.value.trimEnd(), stands = at(form.body, place) !== null;
  if (!stands && language !== source) return; /* its source comes first; both are sent then */
  const edits = [];
  if (language === source) {
    edits.push(stands ? { type: "text", id, language, text, was: area.was } : { type: "value", file, path: [...root(form), ...place], value: text, was: null });
    form.body = put(form.body, place, text || null);
    if (!stands) for (const other of all("[data-language]", box)) if (other !== area && dirty(other)) { edits.push({ type: "text", id, language: other.dataset.language, text: other.value.trimEnd(), was: "" }); other.was = other.value; }
  } else edits.push({ type: "text", id, language, text, was: area.was });
  area.was = text;
  S.edit(edits);
}

/* The signs of the language are set as one leaves a text that one wrote in, or sends it. */
const WORDS = "[data-language], [data-branch]";
function left(form, area) {
  if (!area.wrote || area.readOnly) return;
  area.wrote = false;
  const text = area.value, mine = area.asked = S.signed(area.lang, text), adds = form.dataset.mode !== "edit";
  const still = () => area.value === text && document.activeElement !== area;
  const set = mended => { area.value = mended; count(area); grow(area); if (adds) { area.dispatchEvent(new Event("input", { bubbles: true })); area.wrote = false; } };
  if (adds || area.dataset.branch) mine.then(mended => { if (mended && mended !== text && still()) set(mended); });
  else S.leave(text, mine, { still, set, keep: () => write(form, area) });
}
/* Waits a little for the signs of what is about to be sent; gives whether all came. What did not is set once it was sent (`late`). */
async function settled(form) {
  const waits = all(WORDS, form).filter(one => !one.readOnly && (one.wrote || one.asked)).map(async one => {
    const text = one.value, mended = await (one.wrote || !one.asked ? S.signed(one.lang, text) : one.asked);
    if (mended && mended !== text && one.value === text) { one.value = mended; count(one); grow(one); }
    one.wrote = false; one.asked = null;
  });
  return Promise.race([Promise.all(waits).then(() => true), new Promise(done => setTimeout(done, S.LATE, false))]);
}
function late(edits) {
  const texts = edits.flatMap(one => one.type === "text" ? [[one.id, one.language, one.text]] : Object.entries(one.texts || {}).flatMap(([language, each]) => Object.entries(each).map(([id, text]) => [id, language, text])));
  for (const [id, language, text] of texts) S.signed(language, text).then(mended => { if (mended && mended !== text) S.edit([{ type: "text", id, language, text: mended, was: text }]); });
}

/* ── answers ── */
const rowsOf = form => all(".of-kind:not([hidden]) .choice", form);
const textsOf = row => Object.fromEntries(all("[data-language]", row).map(one => [one.dataset.language, one.value.trim()]));
function lead(body, key, said) {
  const next = copy(body);
  for (const why of ["go", "call"]) if (isMap(next[why])) { delete next[why][key]; if (!Object.keys(next[why]).length) delete next[why]; }
  const [why, to] = said.split(":");
  if (to) next[why] = { ...next[why], [key]: to };
  return next;
}
/* A new message and the end after it: where one answer leads, and nobody comes by otherwise. */
function branch(form, row, made, taken) {
  const said = Object.fromEntries(all("[data-branch]", row).map(one => [one.dataset.branch, one.value.trim()])), source = form.dataset.source;
  const name = named(said[source], "say", taken), texts = {};
  taken.add(name);
  for (const [language, text] of Object.entries(said)) if (language !== source && text) texts[language] = { [`${flow}.${name}`]: text };
  made.push({ type: "add-step", flow, after: "", step: { say: name, text: said[source] }, texts });
  return "go:" + name;
}
/* They stand below their question; who goes on past it is led round them. `anchor`: the step that all are put below, so the last is put first. */
function below(made, anchor, round) {
  if (!made.length) return [];
  const edits = [...made].reverse().flatMap(one => [{ type: "add-step", flow, after: anchor, step: { end: "" }, texts: {} }, { ...one, after: anchor }]);
  return round ? [...edits, { type: "add-step", flow, after: anchor, step: { go: round }, texts: {} }] : edits;
}
/* Whether nobody goes on past a question: each answer leads elsewhere. */
function closed(form) {
  if (["skip", "many", "once"].some(flag => $(`[data-set="${flag}"]`, form)?.checked) || $('.cond[data-set="if"]', form)?.text?.()) return false;
  return rowsOf(form).filter(row => row.key || row.dataset.choice || Object.values(textsOf(row)).some(Boolean)).every(row => $("[data-lead]", row)?.value.startsWith("go:") || branches(form, row));
}
const branches = (form, row) => $("[data-lead]", row)?.value === "new";
const taken = form => new Set([...known.own, ...(form.names || [])]);

function kinds(form) {
  const now = $("[data-kind-of]", form)?.value;
  for (const box of all(".of-kind", form)) box.hidden = box.dataset.for !== now;
}
/* The type of a question as it stands in the file. */
function typed(form) {
  const kind = $("[data-kind-of]", form).value, get = name => $(`[data-set="${name}"]`, form)?.value.trim();
  switch (kind) {
    case "number": return { number: { from: get("number.from") || "0", to: get("number.to") || "100" } };
    case "date": { const bounds = {}; for (const name of ["from", "to"]) if (get("date." + name)) bounds[name] = get("date." + name); return { date: bounds }; }
    case "free": return { free: { max: get("free.max") || "30" } };
    case "country-here": return { country: "here" };
    case "country-any": return { country: "any" };
    case "set": return { choices: get("choices") || known.sets[0]?.[0] };
    case "own": return {};
    default: return { [kind]: "yes" };
  }
}
const TYPES = ["choices", "number", "date", "country", "place", "hours", "language", "free"];

function refuse(form, text, field) {
  const place = $(".refused", form);
  place.hidden = !text; $("span", place).textContent = text || "";
  for (const one of all("[aria-invalid]", form)) one.removeAttribute("aria-invalid");
  if (field) { field.setAttribute("aria-invalid", "true"); const inside = field.closest("details"); if (inside) inside.open = true; field.focus(); }
  return false;
}

/* ── a new step, whole ── */
function compose(form) {
  const word = form.dataset.word, source = form.dataset.source, edits = [], names = taken(form), body = {}, said = {};
  const main = $('fieldset[data-at="text"]', form);
  if (main) {
    Object.assign(said, textsOf(main));
    if (!said[source]) return refuse(form, W["no.source"].replace("{tongue}", W["tongue." + source] || source), $(`[data-language="${source}"]`, main));
  }
  const unnamed = ["go", "call", "set", "forget", "end", "leave"].includes(word), stated = $("[data-name]", form)?.value.trim();
  if (stated && (!/^[a-z][a-z0-9-]{0,39}$/.test(stated) || RESERVED.has(stated) || names.has(stated))) return refuse(form, W["no.name"], $("[data-name]", form));
  const name = unnamed ? "" : stated || named(said[source] || word, word, names);
  if (name) names.add(name);
  const id = `${flow}.${name}`, texts = {};
  const translate = (place, each) => { for (const [language, text] of Object.entries(each)) if (language !== source && text) (texts[language] ||= {})[place] = text; };
  const when = $('.cond[data-set="if"]', form)?.text?.();
  if (when === null) return refuse(form, W["if.unfinished"], $('.cond[data-set="if"] select', form));
  if (when) body.if = when;
  if (!unnamed) body[word] = name; else if (word === "end" || word === "leave") body[word] = "";
  if (main) { body.text = said[source]; translate(id, said); }
  if (word === "pages") {
    const pages = [], keys = new Set();
    for (const row of all(".page-list > li", form)) {
      const each = textsOf(row);
      if (!each[source]) return refuse(form, W["no.source"].replace("{tongue}", W["tongue." + source] || source), $(`[data-language="${source}"]`, row));
      const key = named(each[source], "page", keys); keys.add(key);
      pages.push({ page: key, text: each[source] }); translate(`${id}.${key}`, each);
    }
    body.list = pages;
  }
  if (word === "decide") {
    const rows = [], lines = all(".decide-rows > li", form);
    for (const row of lines) {
      const text = $(".cond", row).text(), to = $("select[data-list=targets]", row).value, from = value($("[data-kind=several]", row));
      if (!to) return refuse(form, W["no.target"], $("select[data-list=targets]", row));
      if (text === null) return refuse(form, W["if.unfinished"], $(".cond select", row));
      rows.push({ ...(text ? { if: text } : {}), go: to, ...(from ? { source: from } : {}) });
    }
    if (!rows.length) return refuse(form, W["no.rows"], $("[data-row-more]", form));
    body.rows = rows;
  }
  for (const box of all("fieldset[data-part]", form)) if (box.dataset.part) { const each = textsOf(box); if (each[source]) { body[box.dataset.at] = each[source]; translate(id + box.dataset.part, each); } }
  if (word === "ask") {
    Object.assign(body, typed(form));
    if ($("[data-kind-of]", form).value === "own") {
      const choices = {}, keys = new Set();
      for (const row of rowsOf(form)) {
        const each = textsOf(row);
        if (!Object.values(each).some(Boolean)) continue;
        if (!each[source]) return refuse(form, W["no.source"].replace("{tongue}", W["tongue." + source] || source), $(`[data-language="${source}"]`, row));
        const key = choiceKey(each[source], keys); keys.add(key); row.key = key;
        choices[key] = each[source]; translate(`${id}.${key}`, each);
      }
      if (!Object.keys(choices).length) return refuse(form, W["no.choices"], $(".choice input", form));
      body.choices = choices;
    }
    form.made = [];
    for (const row of rowsOf(form)) {
      const key = row.key || row.dataset.choice, select = $("[data-lead]", row);
      if (!key || !select?.value) continue;
      if (branches(form, row)) {
        if (!$(`[data-branch="${source}"]`, row).value.trim()) return refuse(form, W["no.source"].replace("{tongue}", W["tongue." + source] || source), $(`[data-branch="${source}"]`, row));
        Object.assign(body, lead(body, key, branch(form, row, form.made, names)));
      } else Object.assign(body, lead(body, key, select.value));
    }
  }
  for (const field of all("[data-set]", form)) {
    const place = field.dataset.set;
    if (field.matches(".cond") || field.closest("[hidden], template") || place.includes(".") || place in body || (word === "ask" && TYPES.includes(place))) continue;
    const is = value(field);
    if (is !== null && !(Array.isArray(is) && !is.length && place !== "shows")) body[place] = is;
  }
  for (const needed of { contacts: ["need"], consent: ["to", "no"], go: ["go"], call: ["call"], set: ["set", "to"], remind: ["in", "with"] }[word] || []) if (!body[needed]) return refuse(form, W["no.target"], $(`[data-set="${needed}"]`, form));
  if (word === "handoff" && !body.with && !body.to) return refuse(form, W["no.target"], $('[data-set="with"]', form));
  if (word === "handoff" && body.with) delete body.to;
  const order = ["if", word, "need", "to", "shows", "label", "text", "choices", "many", "number", "date", "place", "hours", "free", "list", "rows", "no", "skip", "once", "private", "heard", "listen", "otherwise", "help", "none", "go", "call"];
  const sorted = Object.fromEntries([...order.filter(key => key in body), ...Object.keys(body).filter(key => !order.includes(key))].map(key => [key, body[key]]));
  const { after } = form.dataset, gap = known.gaps[after] || { after, round: "" }, own = gap.after === after || closed(form), ask = { type: "add-step", flow, after, step: sorted, texts };
  edits.push(...(own ? [ask, ...below(form.made || [], name, closed(form) ? "" : gap.round)] : [...below(form.made || [], gap.after, gap.round), ask]));
  return { edits, name, shown: said[source] || "" };
}
const choiceKey = (text, keys) => named(text, "answer", new Set([...keys, "stop", "erase", "help", "human", "menu", "back", "repeat", "language", "privacy"])).split("-").slice(0, 3).join("-");

/* ── a form comes alive ── */
async function live(form) {
  await words();
  form.body = JSON.parse(form.dataset.body) || {};
  if (!isMap(form.body)) form.body = {};
  if (!$("#sources")) document.body.append(el("datalist", { id: "sources" }));
  $("#sources").replaceChildren(...known.sources.map(one => option(one)));
  const wire = root => {
    for (const select of all("select[data-list]", root)) fill(form, select, select.dataset.list);
    for (const select of all("select[data-lead]", root)) fill(form, select, "leads");
    for (const box of all(".cond", root)) condition(form, box);
    for (const area of all("[data-language]", root)) { area.was = area.value; count(area); grow(area); }
  };
  wire(form); kinds(form);
  form.wire = wire;
  const editing = form.dataset.mode === "edit";
  let timer = 0;
  form.addEventListener("input", e => {
    if (!e.target.matches(WORDS)) return;
    count(e.target); grow(e.target); e.target.wrote = true;
    if (editing) { clearTimeout(timer); const area = e.target; timer = setTimeout(() => write(form, area), 1200); }
  });
  form.addEventListener("focusout", e => { if (e.target.matches(WORDS)) left(form, e.target); });
  form.addEventListener("condition", e => {
    if (!editing) return;
    const place = e.target.dataset.set.split(".");
    if (place.includes("new")) return;
    save(form, put(form.body, place, e.detail || null));
  });
  form.addEventListener("change", e => {
    const field = e.target;
    if (field.closest(".cond")) return;
    refuse(form, "");
    if (field.matches("[data-language]")) return; /* written as it is left */
    if (field.matches("[data-lead]")) { const row = field.closest(".choice"), box = $(".branch", row); box.hidden = field.value !== "new"; if (!box.hidden) $("textarea", box).focus(); if (editing) { if (box.hidden && row.dataset.choice) save(form, lead(form.body, row.dataset.choice, field.value)); offer(form); } return; }
    if (field.matches("[data-kind-of]")) { kinds(form); if (editing) retype(form); return; }
    const set = field.closest("[data-set]");
    if (set?.dataset.set === "set") { const one = known.asked.find(each => each.name === set.value); $("#values", form)?.replaceChildren(...(one?.values || []).map(each => option(each.name, each.title))); }
    if (set?.dataset.set === "choices" && !editing) return fixed(form, set.value);
    if (!editing || !set) return;
    const place = set.dataset.set.split(".");
    if (place.includes("new")) return newRow(form, set.closest("li"));
    save(form, put(form.body, place, value(set)));
    if (set.dataset.set === "choices") form.again = true;
  });
  form.addEventListener("click", e => { const button = e.target.closest("button"); if (button && form.contains(button)) press(form, button); });
  form.addEventListener("submit", e => { e.preventDefault(); if (!editing) form.dispatchEvent(new CustomEvent("compose", { bubbles: true })); });
  if (!editing && form.dataset.word === "ask") fixed(form, $('[data-set="choices"]', form)?.value);
  if (!editing && form.dataset.word === "decide") { moreRows(form); moreRows(form); }
}
const LIMIT = { INPUT: 30 };
function count(area) {
  const place = area.parentNode.querySelector(".count bdi"), most = LIMIT[area.tagName];
  if (place) { place.textContent = area.value ? String([...area.value.trim()].length) : ""; }
  if (most) area.classList.toggle("over", [...area.value.trim()].length > most);
}
function grow(area) { if (area.tagName === "TEXTAREA" && area.scrollHeight > area.clientHeight + 4) area.style.setProperty("block-size", area.scrollHeight + 4 + "px"); }
/* The answers of a set, so that each can lead somewhere. */
function fixed(form, name) {
  const list = $(".choices.fixed", form), set = known.sets.find(([one]) => one === name);
  if (!list || !set || form.dataset.mode === "edit") return;
  const pattern = $("template.one-more", form).content.firstElementChild;
  const keys = (script.dataset.sets && JSON.parse(script.dataset.sets)[name]) || {};
  list.replaceChildren(...Object.entries(keys).map(([key, says]) => { const row = pattern.cloneNode(true); row.dataset.choice = key; $(".moves", row)?.remove(); for (const input of all("[data-language]", row)) { input.value = says[input.dataset.language] || ""; input.readOnly = true; } return row; }));
  for (const select of all("select[data-lead]", list)) fill(form, select, "leads");
}
function retype(form) {
  const next = copy(form.body);
  for (const key of TYPES) delete next[key];
  delete next.go; delete next.call; delete next.many;
  const kind = $("[data-kind-of]", form).value;
  if (kind === "own") { offer(form); if (!all(".of-kind[data-for=own] .choice", form).length) { more(form); more(form); } form.retyped = next; return; }
  save(form, { ...next, ...typed(form) }); form.again = true;
}
function offer(form) { const button = $("[data-commit]", form); if (button) button.hidden = !(all('.of-kind:not([hidden]) .choice[data-choice=""]', form).length || rowsOf(form).some(row => branches(form, row))); }
function more(form) {
  const row = $("template.one-more", form).content.firstElementChild.cloneNode(true);
  $(".of-kind[data-for=own] .choices", form).append(row); form.wire(row);
  if (form.dataset.mode === "edit") offer(form);
  return row;
}
function moreRows(form) { const row = $("template.one-row", form).content.firstElementChild.cloneNode(true); $(".decide-rows", form).append(row); form.wire(row); return row; }
function morePages(form) { const row = $("template.one-page", form).content.firstElementChild.cloneNode(true); $(".page-list", form).append(row); form.wire(row); const button = $("[data-page-commit]", form); if (form.dataset.mode === "edit") button.hidden = false; return row; }
function newRow(form, line) {
  const text = $(".cond", line).text(), to = $("select[data-list=targets]", line).value, from = value($("[data-kind=several]", line));
  if (!to || text === null) return;
  const next = copy(form.body), row = { ...(text ? { if: text } : {}), go: to, ...(from ? { source: from } : {}) }, rows = next.rows || [];
  rows.splice(text ? Math.max(rows.length - 1, 0) : rows.length, 0, row); next.rows = rows; /* the last one stays the one for all other cases */
  form.again = true; save(form, next);
}
/* New answers and new branches of a question that stands. */
function commit(form) {
  const source = form.dataset.source, branched = [], names = taken(form), keys = new Set(Object.keys(isMap(form.body.choices) ? form.body.choices : {}));
  let next = copy(form.retyped || form.body); const texts = [];
  for (const row of rowsOf(form)) {
    let key = row.dataset.choice;
    if (!key) {
      const each = textsOf(row);
      if (!Object.values(each).some(Boolean)) continue;
      if (!each[source]) return refuse(form, W["no.source"].replace("{tongue}", W["tongue." + source] || source), $(`[data-language="${source}"]`, row));
      key = choiceKey(each[source], keys); keys.add(key);
      next.choices = { ...(isMap(next.choices) ? next.choices : {}), [key]: each[source] };
      for (const [language, text] of Object.entries(each)) if (language !== source && text) texts.push({ type: "text", id: `${form.dataset.id}.${key}`, language, text, was: "" });
      if (!branches(form, row) && $("[data-lead]", row).value) next = lead(next, key, $("[data-lead]", row).value);
    }
    if (branches(form, row)) {
      if (!$(`[data-branch="${source}"]`, row).value.trim()) return refuse(form, W["no.source"].replace("{tongue}", W["tongue." + source] || source), $(`[data-branch="${source}"]`, row));
      next = lead(next, key, branch(form, row, branched, names));
    }
  }
  const made = changes(form, next), { key } = form.dataset, gap = known.gaps[key] || { after: key, round: "" };
  const steps = closed(form) ? below(branched, key, "") : below(branched, gap.after, gap.round);
  form.body = next; form.again = true; form.retyped = null;
  return [...made, ...steps, ...texts];
}
/* Sends what `make` gives of the form, once its texts have their signs. */
async function send(form, make) {
  if (form.sends) return;
  form.sends = true;
  const all = await settled(form), edits = make(form);
  form.sends = false;
  if (!edits) return;
  await S.edit(edits);
  if (!all) late(edits);
}
function press(form, button) {
  const row = button.closest(".choice, .page-list > li, .decide-rows > li"), editing = form.dataset.mode === "edit", d = button.dataset;
  const swap = () => { const before = row.previousElementSibling; if (before) { before.before(row); button.focus(); } return !!before; };
  if ("more" in d) $("[data-language]", more(form)).focus();
  else if ("commit" in d) send(form, commit);
  else if ("rowMore" in d) $("select, input", moreRows(form)).focus();
  else if ("pageMore" in d) $("textarea", morePages(form)).focus();
  else if ("pageCommit" in d) send(form, pages);
  else if (("up" in d && swap()) || ("down" in d && row.nextElementSibling && (row.nextElementSibling.after(row), button.focus(), true))) { if (editing && row.dataset.choice) reorder(form); }
  else if ("drop" in d) { const key = row.dataset.choice, then = row.nextElementSibling || row.previousElementSibling; row.remove(); (then ? $("input", then) : $("[data-more]", form))?.focus(); if (editing && key) { const next = lead(form.body, key, ""); delete next.choices[key]; save(form, next); } else offer(form); }
  else if ("rowDrop" in d || "rowUp" in d) {
    const n = Number(row.dataset.row), next = copy(form.body);
    if (!editing || Number.isNaN(n)) { if ("rowDrop" in d) row.remove(); else swap(); return; }
    if ("rowDrop" in d) next.rows.splice(n, 1); else if (n > 0) next.rows.splice(n - 1, 2, next.rows[n], next.rows[n - 1]);
    form.again = true; save(form, next);
  } else if ("pageDrop" in d || "pageUp" in d) {
    const n = Number(row.dataset.page), next = copy(form.body);
    if (!editing || Number.isNaN(n)) { if ("pageDrop" in d) row.remove(); else swap(); return; }
    if ("pageDrop" in d) next.list.splice(n, 1); else if (n > 0) next.list.splice(n - 1, 2, next.list[n], next.list[n - 1]);
    form.again = true; save(form, next);
  } else form.dispatchEvent(new CustomEvent("press", { bubbles: true, detail: button }));
}
function reorder(form) { const next = copy(form.body); next.choices = Object.fromEntries(rowsOf(form).map(row => row.dataset.choice).filter(Boolean).map(key => [key, next.choices[key]])); save(form, next); }
function pages(form) {
  const source = form.dataset.source, next = copy(form.body), texts = [], keys = new Set((next.list || []).map(one => one.page));
  for (const row of all('.page-list > li[data-page="new"]', form)) {
    const each = textsOf(row);
    if (!each[source]) return refuse(form, W["no.source"].replace("{tongue}", W["tongue." + source] || source), $(`[data-language="${source}"]`, row));
    const key = named(each[source], "page", keys); keys.add(key);
    next.list = [...(next.list || []), { page: key, text: each[source] }];
    for (const [language, text] of Object.entries(each)) if (language !== source && text) texts.push({ type: "text", id: `${form.dataset.id}.${key}`, language, text, was: "" });
  }
  const made = changes(form, next); form.body = next; form.again = true;
  return [...made, ...texts];
}
const flush = () => { for (const form of all("form.form[data-mode=edit]")) if (form.body) for (const area of all("[data-language]", form)) write(form, area); };
addEventListener("pagehide", flush);
return { base, flow, file, live, compose, settled, late, dirty, flush, words, refuse, W, el, icon, get known() { return known; } };
})();
