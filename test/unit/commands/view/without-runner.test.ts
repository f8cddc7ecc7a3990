import { utimesSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { formatPods } from "../../../../src/cli/format/format-pods.ts";
import { formatStatus } from "../../../../src/cli/format/format-status.ts";
import { runEvents } from "../../../../src/commands/view/events.ts";
import { type LogsOptions, runLogs } from "../../../../src/commands/view/logs.ts";
import { runPs, runRestart } from "../../../../src/commands/view/ps.ts";
import { runStatus } from "../../../../src/commands/view/status.ts";
import { CONTROL_PLANE_COMPONENTS } from "../../../../src/core/constants.ts";
import { encodeAnnotations } from "../../../../src/runner/container/container-annotations.ts";
import { buildComponentReport } from "../../../support/build-report.ts";
import { buildContainerSpec } from "../../../support/container-spec.ts";
import { buildRunnerInfo, createRunnerNet } from "../../../support/fake-runner.ts";
import { createFakeSystem, type FakeSystem, systemError } from "../../../support/fake-system.ts";
import { createFakeUi } from "../../../support/fake-ui.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const ROOT = "/r";
const BOOT_ID = "b0000000-0000-4000-8000-000000000000";
const STARTED_AT_MS = Date.UTC(2026, 10, 22, 16);

/** The records of one run of a component, with its process (pid 100) when it lives. */
function runFiles(
  component: string,
  run: { readonly attempt: number; readonly alive: boolean; readonly unmoved?: string },
) {
  const id = Buffer.from(`${component}${run.attempt}`).toString("hex").padEnd(64, "0");
  const dir = `r/var/lib/slipway/containers/${id}`;
  const { pod } = buildComponentReport(component);
  const logPath = `/r/logs/${component}/${run.attempt}.log`;
  const desired = { pod, origin: `/m/${component}.yaml` };
  const spec = buildContainerSpec({
    podUid: "u",
    podName: pod.metadata.name,
    podNamespace: pod.metadata.namespace,
    containerName: component,
    attempt: run.attempt,
    logPath,
    annotations: encodeAnnotations({ desired, hash: component, startedAtMs: 0 }, { restartsInARow: 0 }),
  });
  const startedAtMs = STARTED_AT_MS + run.attempt;
  return {
    [`${dir}/container.json`]: JSON.stringify({ id, spec, imageId: "", argv: [], startedAtMs }),
    [`${dir}/identity`]: `${run.alive ? 100 : 101} 77 ${BOOT_ID}\n`,
    [`${dir}/spool/stdout`]: `${component} run ${run.attempt}\n${run.unmoved ?? ""}`,
    [`${dir}/spool/stderr`]: run.unmoved === undefined ? "" : "unfinished",
    [`${dir}/log.json`]: JSON.stringify({
      offsets: { stdout: component.length + 7, stderr: 0 },
      sizeBytes: 0,
    }),
    [logPath]: `2026-11-22T16:00:00.000000000Z stdout F ${component} run ${run.attempt}\n`,
  };
}

const MACHINE = {
  "proc/sys/kernel/random/boot_id": `${BOOT_ID}\n`,
  "proc/100/stat": `100 (etcd) S ${"0 ".repeat(18)}77 0`,
  ...runFiles("etcd", { attempt: 0, alive: false }),
  ...runFiles("etcd", { attempt: 1, alive: true }),
  ...runFiles("kube-apiserver", { attempt: 0, alive: false, unmoved: "not moved\nnor this\n" }),
};

async function readLog(
  pod: string,
  options: Partial<Pick<LogsOptions, "previous" | "tail" | "follow" | "container">> & {
    readonly rootDir?: string;
  } = {},
): Promise<string> {
  // What is followed is read once.
  const signal = options.follow === true ? AbortSignal.abort() : new AbortController().signal;
  let text = "";
  const tell = (line: string): void => {
    text += `${line}\n`;
  };
  const write = (chunk: Buffer): void => {
    text += chunk.toString();
  };
  const system = createFakeSystem({ rootDir: options.rootDir ?? createTempTree(MACHINE) });
  await runLogs(system, { root: ROOT, pod, ...options, signal, write, tell });
  return text;
}

function systemWithRunner(files: Record<string, string>, change = {}): FakeSystem {
  const pods = CONTROL_PLANE_COMPONENTS.map((name) => buildComponentReport(name));
  const net = createRunnerNet({ info: buildRunnerInfo(ROOT, change), pods: () => pods });
  return createFakeSystem({ rootDir: createTempTree({ ...MACHINE, ...files }), net });
}

const LEDGER = JSON.stringify({
  apiVersion: "slipway.dev/v1",
  kind: "Ledger",
  root: ROOT,
  kubernetesVersion: "v1.37.2",
  nodeName: "n1",
  entries: [],
});

test("components that go on without a runner are told as such, with one fix", async () => {
  const status = await runStatus(createFakeSystem({ rootDir: createTempTree(MACHINE) }), { root: ROOT });
  expect(status).toMatchObject({ healthy: false, installed: true, runner: undefined });
  expect(status.components.map(({ pid, problem }) => [pid, problem?.summary])).toEqual([
    [100, "running without a runner"],
    [undefined, "not running"],
    [undefined, "unknown"],
    [undefined, "unknown"],
  ]);
  const text = formatStatus(status, { nowMs: Date.now() });
  expect(text.match(/slipway (?:runner start|init|logs)/g)).toEqual(["slipway runner start"]);
});

test("a container that was told to end is no failure where no runner is", async () => {
  const failuresOf = async (end: string): Promise<readonly string[]> => {
    const files = runFiles("kube-apiserver", { attempt: 0, alive: false });
    const [record = ""] = Object.keys(files);
    const exit = join(dirname(dirname(record)), ".exits", basename(dirname(record)));
    const rootDir = createTempTree({ ...MACHINE, ...files, [exit]: end });
    const { failures } = await runPs(createFakeSystem({ rootDir }), { root: ROOT });
    return failures.map(({ container }) => container ?? "");
  };
  expect(await failuresOf("1\n")).toEqual(["kube-apiserver"]);
  expect(await failuresOf("143\n")).toEqual([]);
});

test("a runner that runs and does not answer is named, and restart replaces it", async () => {
  const cmdline = `slipway\0runner\0run\0--root\0${ROOT}\0`;
  const rootDir = createTempTree({ ...MACHINE, "proc/55/cmdline": cmdline });
  const { runnerProblem } = await runStatus(createFakeSystem({ rootDir }), { root: ROOT });
  expect(runnerProblem).toMatchObject({
    why: expect.stringMatching(/^pid 55 runs, but does not answer: /),
    fix: expect.stringContaining("slipway runner restart"),
  });
});

test("without a runner the pods are listed as the records show them", async () => {
  const answer = await runPs(createFakeSystem({ rootDir: createTempTree(MACHINE) }), { root: ROOT });
  const text = formatPods(answer, { nowMs: STARTED_AT_MS });
  expect(text).toMatch(/etcd-n1 +- +Running +1 .* 100\n/);
  expect(text).toMatch(/kube-apiserver-n1 +- +ContainerStatusUnknown /);
  expect(text).toContain("no runner answers, this is what its records show: ");
});

test("without a runner a log is found by the records of the newest run, or of the one before", async () => {
  expect(await readLog("etcd")).toBe("etcd run 1\n");
  expect(await readLog("etcd", { previous: true })).toBe("etcd run 0\n");
  await expect(readLog("web")).rejects.toMatchObject({ code: "SLIPWAY_POD_NOT_FOUND" });
});

test("without a runner what no runner has moved into the log yet is shown too, or told of when following", async () => {
  const all = ["kube-apiserver run 0", "not moved", "nor this", "unfinished"];
  const note = "no runner has moved the last lines into the log yet: among them stdout comes before stderr";
  const lastLines = (count: number): string => `${[note, ...all.slice(-count)].join("\n")}\n`;
  expect(await readLog("kube-apiserver")).toBe(lastLines(4));
  expect(await readLog("kube-apiserver", { tail: 2 })).toBe(lastLines(2));
  expect(await readLog("kube-apiserver", { tail: 4 })).toBe(lastLines(4));
  expect(await readLog("kube-apiserver", { follow: true })).toMatch(/^no runner moves output into the log; /);
});

test.each([
  ["{", "cannot be read"],
  [undefined, "does not exist"],
])("with the ledger %s the components are shown and the certificates are unknown", async (ledger, why) => {
  const files = ledger === undefined ? {} : { "r/var/lib/slipway/ledger.json": ledger };
  const status = await runStatus(systemWithRunner(files), { root: ROOT });
  expect(status).toMatchObject({ healthy: false, nodeName: "n1" });
  expect(status.components.every(({ ready }) => ready)).toBe(true);
  expect(formatStatus(status, { nowMs: Date.now() })).toMatch(
    new RegExp(`certificates +unknown: .*ledger.json ${why}`),
  );
});

test("a manifest that is refused has a line, and all is not well", async () => {
  const files = { "r/var/lib/slipway/ledger.json": LEDGER };
  expect((await runStatus(systemWithRunner(files), { root: ROOT })).healthy).toBe(true);
  const refused = [
    { origin: "/m/x.yaml", code: "SLIPWAY_KIND_REFUSED", message: "no Pod", keepsLastGood: true },
  ];
  const status = await runStatus(systemWithRunner(files, { refused }), { root: ROOT });
  expect(status.healthy).toBe(false);
  expect(formatStatus(status, { nowMs: Date.now() })).toMatch(
    /refused +\/m\/x.yaml: no Pod; its pod goes on as it was before/,
  );
});

test("events are then those that the last runner wrote down", async () => {
  const event = { at: "2026-11-22T16:00:00Z", type: "Warning", reason: "Ended", message: "so", count: 2 };
  const rootDir = createTempTree({
    ...MACHINE,
    "r/var/lib/slipway/events.jsonl": `${JSON.stringify(event)}\n`,
  });
  expect(await runEvents(createFakeSystem({ rootDir }), { root: ROOT })).toMatchObject({
    items: [event],
    runnerProblem: { fix: expect.stringContaining("slipway runner start") },
  });
});

test("of pods that a kubelet runs it is told who does, and how to see them", async () => {
  const external = { ...(JSON.parse(LEDGER) as object), runtime: "external" };
  const system = createFakeSystem({
    rootDir: createTempTree({
      "r/var/lib/slipway/ledger.json": JSON.stringify(external),
      "r/var/lib/kubelet/config.yaml": `staticPodPath: ${ROOT}/etc/kubernetes/manifests\n`,
      "proc/66/cmdline": `/usr/bin/kubelet\0--config=${ROOT}/var/lib/kubelet/config.yaml\0`,
    }),
  });
  const quiet = { signal: new AbortController().signal, write: () => undefined, tell: () => undefined };
  for (const ask of [
    () => runPs(system, { root: ROOT }),
    () => runEvents(system, { root: ROOT }),
    () => runRestart(system, { root: ROOT, pod: "etcd", ui: createFakeUi(), ...quiet }),
    () => runLogs(system, { root: ROOT, pod: "etcd", ...quiet }),
  ])
    await expect(ask()).rejects.toMatchObject({
      code: "SLIPWAY_KUBELET_RUNS",
      why: "it runs as pid 66",
      fix: expect.stringMatching(/kubectl get pods .*crictl .*\/r\/var\/log\/pods/),
    });
});

test("the logs that a kubelet has written are shown: the last run, or the one before, of the pod's last version", async () => {
  const external = { ...(JSON.parse(LEDGER) as object), runtime: "external" };
  const line = (text: string): string => `2026-11-22T16:00:00.000000000Z stdout F ${text}\n`;
  const rootDir = createTempTree({
    "r/var/lib/slipway/ledger.json": JSON.stringify(external),
    "r/var/log/pods/kube-system_etcd-n1_old/etcd/11.log": line("old"),
    "r/var/log/pods/kube-system_etcd-n1_new/etcd/9.log": line("before"),
    "r/var/log/pods/kube-system_etcd-n1_new/etcd/10.log": line("last"),
    "r/var/log/pods/kube-system_etcd-n1_new/etcd/10.log.20261122-160000.gz": "",
    "r/var/log/pods/default_web-7f_u/main/0.log": line("main"),
    "r/var/log/pods/default_web-7f_u/side/0.log": line("side"),
    "r/var/log/pods/stray": "",
    "proc/": "dir/",
  });
  const old = "r/var/log/pods/kube-system_etcd-n1_old/etcd/11.log";
  utimesSync(join(rootDir, old), 1, 1);
  expect(await readLog("etcd", { rootDir })).toBe("last\n");
  expect(await readLog("etcd", { rootDir, previous: true })).toBe("before\n");
  expect(await readLog("web-7f", { rootDir, container: "side" })).toBe("side\n");
  expect(await readLog("web-7f", { rootDir })).toBe("showing the container main of: main, side\nmain\n");
  await expect(readLog("web", { rootDir })).rejects.toMatchObject({ code: "SLIPWAY_POD_NOT_FOUND" });
});

test("another user's runner is not said to be missing, but whose it is", async () => {
  const net = { request: () => Promise.reject(systemError("EACCES")) };
  const system = createFakeSystem({ rootDir: createTempTree(MACHINE), net });
  await expect(runPs(system, { root: ROOT })).rejects.toMatchObject({
    code: "SLIPWAY_FILE_ACCESS",
    fix: expect.stringContaining("run it as root (sudo)"),
  });
});

test("a runner without a control plane is shown with its pods, not as a plane that is missing", async () => {
  const files = { ...MACHINE, "r/var/lib/slipway/runner-flags.json": "{}" };
  const status = await runStatus(createFakeSystem({ rootDir: createTempTree(files) }), { root: ROOT });
  expect(status).toMatchObject({ healthy: false, components: [], ledgerProblem: undefined });
  const text = formatStatus(status, { nowMs: STARTED_AT_MS });
  expect(text).toContain("There is no control plane under /r");
  expect(text).toMatch(/^kube-system +etcd-n1 /m);
});

test("a reset that was cut off is told, and what finishes it", async () => {
  const files = { ...MACHINE, "r/var/lib/slipway/reset-begun": "" };
  const status = await runStatus(createFakeSystem({ rootDir: createTempTree(files) }), { root: ROOT });
  expect(status).toMatchObject({ healthy: false, cutOff: "reset" });
  const text = formatStatus(status, { nowMs: STARTED_AT_MS });
  expect(text).toContain("reset         was cut off; to finish it: slipway reset");
  expect(text).not.toContain("slipway runner start");
});

test("an init that was cut off is told, and not its missing manifests as lost, though a runner answers", async () => {
  const ledger = {
    ...{
      apiVersion: "slipway.dev/v1",
      kind: "Ledger",
      root: ROOT,
      kubernetesVersion: "v1.37.2",
      nodeName: "n1",
    },
    unfinished: true,
    entries: [{ kind: "file", path: `${ROOT}/etc/kubernetes/manifests/etcd.yaml`, existedBefore: false }],
  };
  const files = { ...MACHINE, "r/var/lib/slipway/ledger.json": JSON.stringify(ledger) };
  const net = createRunnerNet({ info: buildRunnerInfo(ROOT), pods: () => [] });
  const system = createFakeSystem({ rootDir: createTempTree(files), net });
  const status = await runStatus(system, { root: ROOT });
  expect(status).toMatchObject({
    cutOff: "init",
    components: [{ name: "etcd", problem: { cause: "init has not come so far" } }],
  });
  const text = formatStatus(status, { nowMs: STARTED_AT_MS });
  expect(text).toContain(
    "init          did not come to its end, or what it made was removed; to go on: slipway init",
  );
});
