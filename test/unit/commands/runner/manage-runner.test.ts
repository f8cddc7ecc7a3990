import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  runRunnerRestart,
  runRunnerStart,
  runRunnerStatus,
  runRunnerStop,
} from "../../../../src/commands/runner/manage-runner.ts";
import { runEvents } from "../../../../src/commands/view/events.ts";
import { runLogs } from "../../../../src/commands/view/logs.ts";
import { runPs } from "../../../../src/commands/view/ps.ts";
import { advanceUntilDone } from "../../../support/fake-clock.ts";
import { buildRunnerInfo, createRunnerNet } from "../../../support/fake-runner.ts";
import { createFakeSystem, type FakeSystem } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const signal = new AbortController().signal;

const CONFIG = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
---
apiVersion: slipway.dev/v1
kind: RunnerConfiguration
nodeName: n1
nodeIP: 192.0.2.10
kubernetesVersion: v1.37.2
`;

/** A machine with a runner on /r whose control socket is gone; a signal ends it. */
function machineWithSilentRunner(config: string): { readonly system: FakeSystem; readonly sent: string[] } {
  const rootDir = createTempTree({
    "proc/sys/kernel/random/boot_id": "b0000000-0000-4000-8000-000000000000\n",
    "proc/10/cmdline": "node\0/opt/main.js\0runner\0run\0--root\0/r\0",
    "proc/10/stat": `10 (node) S ${"0 ".repeat(18)}77 0`,
    "r/var/lib/slipway/runner.yaml": config,
    "r/var/log/slipway/": "dir/",
  });
  const sent: string[] = [];
  const kill = (pid: number, name: NodeJS.Signals | 0): boolean => {
    sent.push(`${name} ${pid}`);
    rmSync(join(rootDir, `proc/${pid}`), { recursive: true, force: true });
    return true;
  };
  return { system: createFakeSystem({ rootDir, host: { kill } }), sent };
}

test("a runner that runs is not started again", async () => {
  const system = createFakeSystem({ net: createRunnerNet({ info: buildRunnerInfo("/r") }) });
  expect((await runRunnerStart(system, { root: "/r", signal })).pid).toBe(4711);
});

test("where init never was there is no control plane, whatever is asked", async () => {
  const silent = { write: () => undefined, tell: () => undefined };
  const options = { root: createTempTree({}), signal, pod: "etcd", ...silent };
  for (const ask of [runRunnerStart, runRunnerRestart, runRunnerStatus, runPs, runEvents, runLogs]) {
    await expect(ask(createFakeSystem(), options)).rejects.toMatchObject({
      code: "SLIPWAY_RUNNER_UNREACHABLE",
      what: `there is no control plane under ${options.root}`,
      fix: expect.stringContaining("slipway init"),
    });
  }
});

test("where nothing is, the roots are named that a runner runs under", async () => {
  const system = createFakeSystem({
    rootDir: createTempTree({
      "proc/10/cmdline": "/usr/bin/node\0/opt/dist/main.cjs\0runner\0run\0--root\0planes/a\0",
      "proc/10/cwd": { link: "/srv" },
      "proc/11/cmdline": "/usr/bin/slipway\0runner\0run\0--root=/r\0",
      "proc/12/cmdline": "/usr/bin/slipway\0status\0",
    }),
  });
  await expect(runPs(system, { root: "/r" })).rejects.toMatchObject({
    fix: expect.stringMatching(
      /^a runner runs under another root: slipway status --root \/srv\/planes\/a\. Else name another place/,
    ),
  });
});

test("a start beside a runner that does not answer points to restart", async () => {
  const { system, sent } = machineWithSilentRunner(CONFIG);
  const started = runRunnerStart(system, { root: "/r", signal });
  await advanceUntilDone(system.clock, { done: started });
  await expect(started).rejects.toMatchObject({
    code: "SLIPWAY_RUNNER_RUNNING",
    why: expect.stringContaining("pid 10"),
    fix: expect.stringContaining("slipway runner restart"),
  });
  expect(sent).toEqual([]);
});

test("a restart ends a runner that does not answer and starts another", async () => {
  const { system, sent } = machineWithSilentRunner(CONFIG);
  const started: (readonly string[])[] = [];
  const spawnDetached: FakeSystem["exec"]["spawnDetached"] = ({ args }) => {
    started.push(args.slice(1));
    return Promise.reject(new Error("started"));
  };
  const restarted = runRunnerRestart(
    { ...system, exec: { ...system.exec, spawnDetached } },
    { root: "/r", signal },
  );
  await expect(restarted).rejects.toThrow("started");
  expect(sent).toEqual(["SIGTERM 10"]);
  expect(started).toEqual([["runner", "run", "--standby", "--root", "/r"]]);
});

test("a restart with a configuration that cannot be used leaves the runner alone", async () => {
  const { system, sent } = machineWithSilentRunner("kind: [");
  await expect(runRunnerRestart(system, { root: "/r", signal })).rejects.toMatchObject({
    code: "SLIPWAY_CONFIG_INVALID",
  });
  expect(sent).toEqual([]);
});

test("a restart whose runner would be refused leaves the runner alone", async () => {
  const { system, sent } = machineWithSilentRunner(CONFIG.replace("---", "staticPodPath: /m\n---"));
  const put = (path: string, data: string) => system.fs.writeAtomic(path, { data, mode: 0o644 });
  await system.fs.makeDir("/proc/9", { mode: 0o755 });
  await put("/proc/9/cmdline", "kubelet\0--pod-manifest-path=/m\0");
  await expect(runRunnerRestart(system, { root: "/r", signal })).rejects.toMatchObject({
    code: "SLIPWAY_KUBELET_RUNS",
    why: expect.stringContaining("(pid 9)"),
  });
  expect(sent).toEqual([]);
});

test("a stop ends a runner that does not answer, with pods or without", async () => {
  for (const pods of [false, true]) {
    const { system, sent } = machineWithSilentRunner(CONFIG);
    expect(await runRunnerStop(system, { root: "/r", pods, onWait: () => undefined })).toBe(true);
    expect(sent).toEqual(["SIGTERM 10"]);
  }
});

test("what a runner without a control plane was started with is judged before the old one is ended", async () => {
  const { system, sent } = machineWithSilentRunner(CONFIG);
  await system.fs.removeFile("/r/var/lib/slipway/runner.yaml");
  for (const [text, what] of [
    ['["--pod-manifest-path=/m","--manifest-url=rubbish"]', "the runner's configuration cannot be used"],
    ["[", "what the runner was started with cannot be read from /r/var/lib/slipway/runner-flags.json"],
  ] as const) {
    await system.fs.writeAtomic("/r/var/lib/slipway/runner-flags.json", { data: text, mode: 0o600 });
    await expect(runRunnerRestart(system, { root: "/r", signal })).rejects.toMatchObject({
      code: "SLIPWAY_CONFIG_INVALID",
      what,
    });
  }
  expect(sent).toEqual([]);
});
