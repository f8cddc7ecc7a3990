// Draws terminal.svg from a real run, in a terminal of its own, on a machine of its own (root, tmux and the component
// binaries are needed):  node test/picture/main.mjs
// With --text it prints the session of the README instead, questions and all.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { drawSvg } from "./draw-svg.mjs";

const COLUMNS = 84;
const MAIN = join(import.meta.dirname, "../../dist/main.cjs");
const WAIT_MS = 180_000;

const asText = process.argv.includes("--text");
const commands = asText
  ? [
      "slipway init --pod-network-cidr 10.244.0.0/16 --kubernetes-version v1.37.2",
      "kubectl get pods -A",
      "slipway status",
      "slipway reset --force",
    ]
  : ["slipway init --yes --pod-network-cidr 10.244.0.0/16", "kubectl get pods -A", "slipway status"];

const dir = mkdtempSync(join(tmpdir(), "slipway-picture-"));
const tmux = (...args) =>
  execFileSync("tmux", ["-S", join(dir, "socket"), "-f", "/dev/null", ...args], { encoding: "utf8" });
try {
  const machine = [
    "unshare",
    "--mount",
    "--net",
    "--pid",
    "--uts",
    "--fork",
    "--kill-child",
    join(import.meta.dirname, "machine.sh"),
  ];
  tmux(
    "new-session",
    "-d",
    "-x",
    String(COLUMNS),
    "-y",
    "120",
    "env",
    "-u",
    "CI",
    "LC_ALL=C.UTF-8",
    "SLIPWAY_PROGRAM=slipway",
    ...machine,
    process.execPath,
    MAIN,
    dir,
    ...commands,
  );
  const endMs = Date.now() + WAIT_MS;
  let agreed = false;
  while (!existsSync(join(dir, "done"))) {
    if (Date.now() > endMs) throw new Error(`the session did not end:\n${tmux("capture-pane", "-p")}`);
    await setTimeout(200);
    if (agreed || !asText || !tmux("capture-pane", "-p").includes("Go on?")) continue;
    tmux("send-keys", "Enter");
    agreed = true;
  }
  if (asText) process.stdout.write(tmux("capture-pane", "-p"));
  else {
    const shown = tmux("capture-pane", "-e", "-p");
    const title = "slipway init brings a control plane up; kubectl get pods and slipway status show it";
    writeFileSync(join(import.meta.dirname, "terminal.svg"), drawSvg(shown, { columns: COLUMNS, title }));
  }
} finally {
  spawnSync("tmux", ["-S", join(dir, "socket"), "kill-server"]);
  rmSync(dir, { recursive: true, force: true });
}
