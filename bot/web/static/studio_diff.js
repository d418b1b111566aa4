/* Lines that differ between two texts, as hunks: where both stand, what was there, and what is there now. */
"use strict";
window.studioDiff = (was, now) => {
let head = 0, tail = 0;
while (head < was.length && head < now.length && was[head] === now[head]) head++;
while (tail < was.length - head && tail < now.length - head && was[was.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
const a = was.slice(head, was.length - tail), b = now.slice(head, now.length - tail);
if (!a.length && !b.length) return [];
if (a.length * b.length > 4e6) return [{ from: head, to: head, was: a, now: b }];
const width = b.length + 1, same = new Uint32Array((a.length + 1) * width); /* longest common run of lines, from the end */
for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) same[i * width + j] = a[i] === b[j] ? same[(i + 1) * width + j + 1] + 1 : Math.max(same[(i + 1) * width + j], same[i * width + j + 1]);
const hunks = [];
for (let i = 0, j = 0, open = null; i < a.length || j < b.length;) {
  if (i < a.length && j < b.length && a[i] === b[j]) { open = null; i++; j++; continue; }
  if (!open) hunks.push(open = { from: head + i, to: head + j, was: [], now: [] });
  if (j >= b.length || (i < a.length && same[(i + 1) * width + j] >= same[i * width + j + 1])) open.was.push(a[i++]); else open.now.push(b[j++]);
}
return hunks;
};
