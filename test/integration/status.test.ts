import { rename, rm, writeFile } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runSlipway, startPlane, succeed, type TestPlane } from "../support/plane.ts";
import { sit } from "../support/sit.ts";
import { findPid, pidOf, readStatus, type SeenStatus } from "../support/status.ts";
import { readTold, type Told } from "../support/told.ts";
import { listLongLines, readTranscripts } from "../support/transcripts.ts";

/** Longer than a pod's grace period, and than a scheduler's wait for the lease that it lost. */
const GRACE_MS = 60_000;

let plane: TestPlane;

beforeAll(async () => {
  plane = await startPlane();
});
afterAll(() => plane.destroy());

/** Commands that only look, and the usual errors. */
function listLookers({ root, configPath, path }: TestPlane): readonly (readonly string[])[] {
  const ofRoot = [
    ...["status", "ps", "events", "doctor", "runner status", "manifests list", "manifests path"],
    ...["logs kube-scheduler --tail 3", "logs nothing", "certs check-expiration", "token list"],
    ...["reset --dry-run", "handoff kubelet --dry-run", `init --plan --config ${configPath}`],
  ].map((line) => [...line.split(" "), "--root", root]);
  const others = [
    ...["version", "components list", "config images list", "--help", "init phase", "statsu"],
    ...[
      "status --roto /",
      "certs renew nothing",
      "init --config /nowhere.yaml",
      "config print init-defaults",
    ],
    ...[
      `config validate --config ${configPath}`,
      `manifests validate ${path("etc/kubernetes/manifests/etcd.yaml")}`,
    ],
  ].map((line) => line.split(" "));
  return [...ofRoot, ...others];
}

/** What components have logged, commands to copy, and words that are too long for a line: paths below the root, URLs. */
const MAY_BE_LONG = /^[IWE]\d{4} |slipway [a-z -]+ --root \/|\S{54,}/;

test("what commands say fits a terminal, has colours there alone, is ASCII where that is asked, and ends alike", async () => {
  const coloured: string[] = [];
  for (const words of listLookers(plane)) {
    const { terminal, plain, pipe } = await readTranscripts(words);
    expect([words, terminal.exitCode, plain.exitCode]).toEqual([words, pipe.exitCode, pipe.exitCode]);
    expect(listLongLines(terminal.text).filter((line) => !MAY_BE_LONG.test(line))).toEqual([]);
    expect(plain.text).toMatch(/^[\n\t\x20-\x7e]+$/);
    expect(pipe.text).not.toContain("\x1b");
    if (terminal.text.includes("\x1b[")) coloured.push(words.slice(0, 2).join(" "));
  }
  const errors = [
    "logs nothing",
    "handoff kubelet",
    "statsu",
    "status --roto",
    "certs renew",
    "init --config",
  ];
  expect(coloured).toEqual(["status --root", "doctor --root", ...errors]);
});

test("commands that look answer at once while the API server hangs", async () => {
  const pid = await findPid(plane, "kube-apiserver");
  process.kill(pid, "SIGSTOP");
  try {
    const startMs = performance.now();
    expect((await plane.slipway("status")).stdout).toContain("kube-apiserver");
    expect(succeed(await plane.slipway("ps"))).toContain("kube-apiserver-node-a");
    expect(succeed(await plane.slipway("logs", "kube-apiserver", "--tail", "1"))).toMatch(/^.+\n$/);
    expect(succeed(await plane.slipway("events"))).toContain("Started");
    expect(succeed(await runSlipway(["version"]))).toMatch(/^slipway \d.*Kubernetes v1\..*\n$/);
    expect(performance.now() - startMs).toBeLessThan(5000);
  } finally {
    process.kill(pid, "SIGCONT");
  }
});

test("status -w shows a killed component's new process, at a terminal and in a pipe, until it is interrupted", async () => {
  const pid = await findPid(plane, "kube-scheduler");
  const person = sit(["status", "-w", "--root", plane.root], { TERM: "xterm", NO_COLOR: "1" });
  const piped = plane.begin("status", "-w", "-o", "json");
  const line = (text: string): number => Number(/^kube-scheduler +ready +\d+ +(\d+)/m.exec(text)?.[1] ?? 0);
  const onScreen = (): number => line(stripVTControlCharacters(person.seen().split(HOME).at(-1) ?? ""));
  const documents = (): readonly SeenStatus[] =>
    piped
      .printed()
      .trimEnd()
      .split("\n")
      .filter(Boolean)
      .map((text) => JSON.parse(text) as SeenStatus);
  const last = (): number | undefined => documents().map(pidOf("kube-scheduler")).at(-1);
  await expect.poll(() => [onScreen(), last()]).toEqual([pid, pid]);
  process.kill(pid, "SIGKILL");
  await expect.poll(async () => (await readStatus(plane)).healthy).toBe(true);
  const next = await findPid(plane, "kube-scheduler");
  expect(next).not.toBe(pid);
  await expect.poll(() => [onScreen(), last()]).toEqual([next, next]);
  person.type("\x03");
  process.kill(piped.pid, "SIGINT");
  expect([(await person.ended).exitCode, (await piped.done).exitCode]).toEqual([130, 130]);
  // The screen of before is back with a cursor, and below it what was shown last.
  const [, left = ""] = person.seen().split(`${SHOW_CURSOR}${LEAVE_SCREEN}`);
  expect(line(left.replaceAll("\r", ""))).toBe(next);
  expect(left).not.toContain("\x1b");
  const texts = documents().map((status) => JSON.stringify(status));
  expect(texts.filter((text, index) => text === texts[index - 1])).toEqual([]);
  expect(documents().map(pidOf("kube-scheduler")).at(0)).toBe(pid);
});

/** Source: XTerm control sequences. */
const HOME = "\x1b[H";
const SHOW_CURSOR = "\x1b[?25h";
const LEAVE_SCREEN = "\x1b[?1049l";

test("an API server that was killed is told as what it is at every moment, and never as etcd's fault", async () => {
  const pid = await findPid(plane, "kube-apiserver");
  process.kill(pid, "SIGKILL");
  const told: (Told | undefined)[] = [];
  await expect
    .poll(async () => {
      told.push((await readTold(plane, "kube-apiserver")).status);
      return (await readStatus(plane)).healthy && (await findPid(plane, "kube-apiserver")) !== pid;
    })
    .toBe(true);
  const seen = told.filter((entry) => entry !== undefined);
  expect(seen).not.toEqual([]);
  for (const { end, why, line } of seen) {
    expect(`${end}: ${why}`).toMatch(AFTER_KILL);
    expect(line).toBeUndefined();
  }
});

/** Between its end and its start, while it starts, and when it has come up but is not ready yet. */
const AFTER_KILL =
  /^(?:ended with signal 9.*: it was killed|runs again after signal 9: it runs since \S+ and is not ready yet; the run before: it was killed|not ready: (?!.*etcd))/;

test.each([
  "etc/kubernetes/kubelet.conf",
  "etc/kubernetes/pki/apiserver.crt",
  "var/lib/slipway/pki/kubelet.crt",
])("%s: a file that is gone is named by status and doctor", async (name) => {
  const path = plane.path(name);
  await rename(path, `${plane.dir}/aside`);
  for (const command of ["status", "doctor"]) {
    const { exitCode, stdout } = await plane.slipway(command);
    expect([command, exitCode, stdout]).toEqual([command, 1, expect.stringContaining(path)]);
  }
  await rename(`${plane.dir}/aside`, path);
  succeed(await plane.slipway("doctor"));
});

test("without an API server status fails and names it; ps and logs go on", async () => {
  const manifest = plane.path("etc/kubernetes/manifests/kube-apiserver.yaml");
  const aside = plane.path("etc/kubernetes/kube-apiserver.yaml.aside");
  await rename(manifest, aside);
  try {
    await expect
      .poll(() => readStatus(plane).then(pidOf("kube-apiserver")), { timeout: GRACE_MS })
      .toBe(undefined);
    const { exitCode, stdout } = await plane.slipway("status");
    expect(exitCode).toBe(1);
    expect(stdout).toContain("not healthy");
    expect(stdout).toMatch(
      /kube-apiserver: \S+kube-apiserver\.yaml is not there\n {2}fix: move it back, or have it written again: slipway init .*\n/,
    );
    expect(succeed(await plane.slipway("ps"))).toContain("kube-scheduler-node-a");
    expect(succeed(await plane.slipway("logs", "kube-scheduler"))).toContain("Starting Kubernetes Scheduler");
  } finally {
    await rename(aside, manifest);
  }
  await expect.poll(() => readStatus(plane).then(({ healthy }) => healthy), { timeout: GRACE_MS }).toBe(true);
  await expect.poll(() => plane.kubectl("get", "--raw", "/readyz")).toBe("ok");
});

test("status names a pod of somebody's own that is not ready, and the control plane is healthy", async () => {
  const path = plane.path("etc/kubernetes/manifests/own.yaml");
  await writeFile(path, OWN_POD);
  await expect
    .poll(async () => (await plane.slipway("status")).stdout)
    .toContain("other pods    own-node-a: not ready; to see why: ");
  succeed(await plane.slipway("status"));
  await rm(path);
  await expect.poll(async () => (await plane.slipway("status")).stdout).not.toContain("other pods");
});

const OWN_POD = `apiVersion: v1
kind: Pod
metadata: { name: own }
spec: { containers: [{ name: main, image: nowhere.example/none:1 }] }
`;

test("logs of a pod that does not exist lists those that do", async () => {
  const { exitCode, stderr } = await plane.slipway("logs", "kube-proxy");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("kube-system/kube-scheduler-node-a");
  expect(stderr).toContain("code: SLIPWAY_POD_NOT_FOUND");
});

test("logs -f prints what comes until it is interrupted", async () => {
  const { pid, done } = plane.begin("logs", "-f", "--tail", "0", "kube-apiserver");
  // A request that the API server logs.
  await expect.poll(() => plane.kubectl("logs", "-n", "kube-system", "etcd-node-a", "--tail=1")).toMatch(/./);
  process.kill(pid, "SIGINT");
  expect(await done).toMatchObject({ exitCode: 130 });
});
