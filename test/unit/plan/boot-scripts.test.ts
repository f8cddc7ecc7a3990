import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { formatBootScript } from "../../../src/plan/boot/boot-scripts.ts";

const RUNNER = {
  command: ["/usr/bin/node", "/opt/100% it's/main.js"],
  root: "/srv/a $b",
  logPath: "/srv/a $b/runner.log",
};

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-boot-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** What a shell runs for the script's argument, when the program prints its arguments instead. */
function runScript(script: string, args: readonly string[], env: Record<string, string> = {}) {
  const path = join(dir, "script");
  writeFileSync(path, script.replaceAll("/usr/bin/node", "printf '<%s>'"));
  const { stdout, status } = spawnSync("/bin/sh", [path, ...args], {
    env: { PATH: "/usr/bin:/bin", ...env },
  });
  return { stdout: stdout.toString(), status };
}

/** What systemd gives to the shell of a unit's command. Source: systemd.syntax(7) "Quoting". */
function scriptOf(unit: string, key: string): string {
  const quoted = new RegExp(`^${key}=/bin/sh -c "(.*)"$`, "m").exec(unit)?.[1] ?? "";
  return quoted.replace(/\\(.)/g, "$1").replaceAll("%%", "%").replaceAll("$$", "$");
}

const called = (...words: readonly string[]): string =>
  ["/opt/100% it's/main.js", "runner", ...words, "--root", "/srv/a $b"].map((word) => `<${word}>`).join("");

test("the sysv script starts, reloads, and stops the pods only when the machine goes down", () => {
  const script = formatBootScript("sysv", RUNNER);
  expect(runScript(script, ["start"])).toEqual({ stdout: called("start"), status: 0 });
  expect(runScript(script, ["force-reload"]).stdout).toBe(called("reload"));
  expect(runScript(script, ["stop"]).stdout).toBe(called("stop"));
  expect(runScript(script, ["stop"], { RUNLEVEL: "6" }).stdout).toBe(called("stop", "--pods"));
  expect(runScript(script, ["dance"]).status).toBe(2);
});

test("the openrc script does so, too", () => {
  const calls = "ebegin() { :; }; eend() { :; }; ";
  const script = (name: string, env: string): string =>
    `${calls}${env}${formatBootScript("openrc", RUNNER).replaceAll(">/dev/null", "")}\n${name}`;
  expect(runScript(script("start", ""), []).stdout).toBe(called("start"));
  expect(runScript(script("stop", ""), []).stdout).toBe(called("stop"));
  expect(runScript(script("stop", "RC_GOINGDOWN=YES; "), []).stdout).toBe(called("stop", "--pods"));
});

test("the unit lets the pods live, and quotes what systemd would read otherwise", () => {
  const logPath = join(dir, "100% it's/a $b.log");
  const unit = formatBootScript("systemd", { ...RUNNER, logPath });
  expect(unit).toContain("KillMode=process\nDelegate=yes\n");
  expect(runScript(scriptOf(unit, "ExecStart"), [])).toEqual({ stdout: "", status: 0 });
  expect(readFileSync(logPath, "utf8")).toBe(called("run"));
  const stop = (state: string): string =>
    runScript(`systemctl() { echo ${state}; }; ${scriptOf(unit, "ExecStop")}`, []).stdout;
  expect(stop("running")).toBe("");
  expect(stop("stopping")).toBe(called("stop", "--pods"));
});

test("who takes the machine down waits for the pods as long as their shutdown periods allow, and then some", () => {
  const longer = { ...RUNNER, shutdownSeconds: 300 };
  expect(formatBootScript("systemd", RUNNER)).toContain("TimeoutStopSec=120\n");
  expect(formatBootScript("systemd", { ...RUNNER, shutdownSeconds: 20 })).toContain("TimeoutStopSec=50\n");
  expect(formatBootScript("systemd", longer)).toContain("TimeoutStopSec=330\n");
  expect(formatBootScript("container", longer)).toContain("docker stop -t 330,");
  expect(formatBootScript("openrc", longer)).toContain("keyword -timeout\n");
});

test.skipIf(spawnSync("systemd-analyze", ["--version"]).status !== 0)(
  "systemd finds nothing wrong with the unit (skipped without systemd-analyze)",
  () => {
    const path = join(dir, "slipway-runner.service");
    const command = [process.execPath, join(dir, "main.js")];
    writeFileSync(path, formatBootScript("systemd", { ...RUNNER, command }));
    const { status, stderr } = spawnSync("systemd-analyze", ["verify", path]);
    expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: "" });
  },
);
