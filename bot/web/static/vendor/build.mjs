// Builds what the studio needs from its pinned packages: codemirror.js, dagre.js, LICENCES.txt and SHA256SUMS, the same bytes each time.
// `make vendor` runs it after `npm ci`; nobody who runs Amana does.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version;
const common = { bundle: true, minify: true, write: false, metafile: true, target: ["es2020"], charset: "utf8", legalComments: "none" };

async function made(file, entry, globalName, packages) {
  const { outputFiles, metafile } = await build({ ...common, entryPoints: [entry], format: "iife", globalName });
  const used = [...new Set(Object.keys(metafile.inputs).flatMap((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []))];
  const named = packages.map((name) => `${name} ${version(name)}`).join(", ");
  writeFileSync(file, `/* ${named}; MIT licence, see LICENCES.txt */\n${outputFiles[0].text}`);
  return used;
}

function licence(name) {
  const path = ["LICENSE", "LICENSE.md", "LICENCE", "LICENSE.txt"].map((each) => `node_modules/${name}/${each}`).find(existsSync);
  return `${name} ${version(name)}\n\n${readFileSync(path, "utf8").replace(/\r/g, "").trim()}\n`;
}

const wanted = Object.keys(JSON.parse(readFileSync("package.json", "utf8")).devDependencies);
const used = new Set([
  ...(await made("codemirror.js", "editor.mjs", "CodeMirror", wanted.filter((name) => name.startsWith("@codemirror/")))),
  ...(await made("dagre.js", "layout.mjs", "dagre", ["@dagrejs/dagre"])),
  "@dagrejs/graphlib",
]);
writeFileSync("LICENCES.txt", [...used].sort().map(licence).join(`\n${"-".repeat(70)}\n\n`));
const sums = ["LICENCES.txt", "codemirror.js", "dagre.js"].map((file) => `${createHash("sha256").update(readFileSync(file)).digest("hex")}  ${file}\n`);
writeFileSync("SHA256SUMS", sums.join(""));
