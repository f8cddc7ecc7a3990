import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

// A kubelet as a hand-over sees it, without containers: `kubelet stand-in-kubelet.mjs --config=FILE PROGRAMS` runs the
// first container of each static pod as a process, with the program of PROGRAMS. What it has started outlives it.
const [configFlag = "", programsDir = ""] = process.argv.slice(2);
const { staticPodPath } = parse(readFileSync(configFlag.slice("--config=".length), "utf8"));
/** By file name: the text that runs, and its process. */
const running = new Map();

function readManifests() {
  const names = readdirSync(staticPodPath).filter((name) => /^[^.].*\.yaml$/.test(name));
  return new Map(names.map((name) => [name, readFileSync(join(staticPodPath, name), "utf8")]));
}

function start(name, text) {
  const { command, args = [] } = parse(text).spec.containers[0];
  const [program, ...words] = [...command, ...args];
  const child = spawn(join(programsDir, program), words, { detached: true, stdio: "ignore" });
  running.set(name, { text, child });
  child.on("exit", () => running.delete(name));
}

setInterval(() => {
  const wanted = readManifests();
  for (const [name, { text, child }] of running) if (wanted.get(name) !== text) child.kill("SIGTERM");
  for (const [name, text] of wanted) if (!running.has(name)) start(name, text);
}, 100);
