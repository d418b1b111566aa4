/* Runs the tests a handful at a time and shows each as it comes; without this the button runs them all and waits. */
"use strict";
(() => {
const meter = document.getElementById("meter"), list = document.getElementById("trials");
if (!meter || !list || !window.studio) return;
const form = meter.querySelector("form"), bar = meter.querySelector("progress"), told = meter.querySelector(".counted"), of = Number(meter.dataset.batches);
const only = document.getElementById("only"), names = document.getElementById("went").content;
const mark = (good, words) => {
  const st = document.createElement("span");
  st.className = "st " + (good ? "good" : "danger");
  st.innerHTML = `<svg class="i" aria-hidden="true"><use href="#i-${good ? "ok" : "stop"}"/></svg>`;
  st.append(Object.assign(document.createElement("span"), { textContent: words }));
  return st;
};
const show = result => {
  const row = list.querySelector(`[data-test="${CSS.escape(result.name)}"]`);
  if (!row) return;
  const how = row.querySelector(".how"), st = mark(result.passed, names.querySelector(`[data-of="${CSS.escape(result.language)}"]`)?.textContent || result.language);
  st.dataset.language = result.language;
  st.append(Object.assign(document.createElement("span"), { className: "vh", textContent: " " + meter.dataset[result.passed ? "passed" : "failed"] }));
  if (!how.querySelector("[data-language]")) how.replaceChildren();
  const old = how.querySelector(`[data-language="${CSS.escape(result.language)}"]`);
  if (old) old.replaceWith(st); else how.append(st);
  if (!result.passed) row.querySelector("a").href = row.querySelector("a").href.replace(/#.*/, "") + "#line-" + result.line;
};
const sift = () => { const on = only.querySelector("input").checked; for (const row of list.children) row.hidden = on && !row.querySelector(".st.danger"); };
only.hidden = false;
only.addEventListener("change", sift);
form.addEventListener("submit", async e => {
  e.preventDefault();
  const button = form.querySelector("button");
  button.setAttribute("aria-disabled", "true"); bar.hidden = false; bar.value = 0;
  try {
    for (let number = 0; number < of; number++) {
      told.textContent = meter.dataset.progress.replace("{done}", number).replace("{of}", of);
      const answer = await fetch(form.action + "?batch=" + number, { method: "POST", headers: { Accept: "application/json", ...studio.token() }, signal: AbortSignal.timeout(60000) });
      if (!answer.ok || answer.redirected) throw new Error("late");
      for (const result of (await answer.json()).results) show(result);
      bar.value = number + 1; sift();
    }
    const page = await studio.part(location.pathname);
    told.replaceChildren(...page.querySelector("#meter .counted").childNodes);
  } catch { told.textContent = meter.dataset.late; }
  bar.hidden = true; button.removeAttribute("aria-disabled");
});
})();
