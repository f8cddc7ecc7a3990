import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ContainerStatus, PodStatus } from "../../src/pod/types.ts";
import { createLonePods } from "../support/lone-pods.ts";
import { type PodRunner, type PodSketch, startPodRunner } from "../support/pod-runner.ts";
import { reservePorts } from "../support/reserve-ports.ts";
import { programPath } from "../support/runtime-fixture.ts";

let runner: PodRunner;
const { lone, journal, journalPath } = createLonePods({ root: () => runner.root });
beforeAll(async () => {
  runner = await startPodRunner();
});
afterAll(() => runner.destroy());

test("an edited pod has its full grace, preStop inside it, and the new one starts when it has ended", async () => {
  const pod = (version: string): PodSketch =>
    lone("edited", {
      version,
      endSeconds: 0.5,
      container: { lifecycle: { preStop: note("edited", `pre ${version}`, "sleep 0.3") } },
      spec: { terminationGracePeriodSeconds: 20 },
    });
  runner.apply("edited", pod("1"));
  await journaled("edited", "start 1");
  runner.apply("edited", pod("2"));
  await journaled("edited", "start 2");
  expect(journal("edited")).toEqual(["start 1", "pre 1", "end 1", "start 2"]);
});

test("a program that ignores the stop signal is killed when its grace is over, and not before", async () => {
  const stubborn = { command: [programPath("ignore-term.sh")] };
  runner.apply("stubborn", { container: stubborn, spec: { terminationGracePeriodSeconds: 3 } });
  await expect.poll(() => runner.output("stubborn", "main")).toEqual(["ready"]);
  const beganMs = performance.now();
  runner.remove("stubborn");
  await gone("stubborn");
  expect(performance.now() - beganMs).toBeGreaterThan(2900);
});

test("three hundred edits in a row end on the last one, and no two ever run", async () => {
  for (let version = 0; version < 300; version += 1) {
    runner.apply("busy", lone("busy", { version: String(version) }));
    await sleep(20);
  }
  await journaled("busy", "start 299");
  expect(journal("busy").filter((line) => line.startsWith("both"))).toEqual([]);
  expect(journal("busy").at(-1)).toBe("start 299");
  const starts = journal("busy").filter((line) => line.startsWith("start"));
  expect(new Set(starts).size).toBe(starts.length);
});

test("a pod that is deleted and put back after 0, 0.1, 1 and 5 s has exactly one process", async () => {
  const pauses = [0, 100, 1000, 5000];
  const names = pauses.map((pauseMs) => `back-${pauseMs}`);
  for (const name of names) runner.apply(name, lone(name, { endSeconds: 0.3 }));
  await Promise.all(names.map((name) => journaled(name, "start 1")));
  await Promise.all(
    pauses.map(async (pauseMs) => {
      runner.remove(`back-${pauseMs}`);
      await sleep(pauseMs);
      runner.apply(`back-${pauseMs}`, lone(`back-${pauseMs}`, { endSeconds: 0.3 }));
    }),
  );
  for (const name of names) {
    await runner.waitFor(name, isReady);
    // A process runs before its shell has written anything.
    await expect.poll(() => journal(name).at(-1)).toBe("start 1");
    expect(journal(name).filter((line) => line.startsWith("both"))).toEqual([]);
  }
  expect(journal("back-5000")).toEqual(["start 1", "end 1", "start 1"]);
});

test("a pod changes its container's name or its namespace with the port that it listens on", async () => {
  const [port = 0] = await reservePorts(1);
  const pod: PodSketch = {
    container: {
      command: [process.execPath, "-e", `require("net").createServer().listen(${port}, "127.0.0.1")`],
      ports: [{ containerPort: port }],
      readinessProbe: { tcpSocket: { host: "127.0.0.1", port } },
    },
    spec: { restartPolicy: "Always" },
  };
  runner.apply("moving", pod);
  await runner.waitFor("moving", isReady);
  runner.apply("moving", { ...pod, container: { ...pod.container, name: "upgraded" } });
  await runner.waitFor("moving", (seen) => firstOf(seen)?.name === "upgraded" && isReady(seen));
  runner.apply("moving", { ...pod, namespace: "other" });
  await expect.poll(() => isReady(reportIn("other", "moving")?.pod.status)).toBe(true);
  expect(reportIn("other", "moving")?.pod.status?.containerStatuses?.[0]?.restartCount).toBe(0);
  expect(reportIn("default", "moving")).toBeUndefined();
});

test("a port that another pod has is refused; one that another program has is the pod's own failure", async () => {
  const [port = 0] = await reservePorts(1);
  const holds = { command: ["sleep", "1000"], ports: [{ containerPort: port }] };
  runner.apply("holds-1", { container: holds });
  await runner.waitFor("holds-1", isReady);
  runner.apply("holds-2", { container: holds });
  const status = await runner.waitFor("holds-2", ({ phase }) => phase === "Failed");
  expect(status).toMatchObject({
    reason: "NodePorts",
    message: expect.stringMatching(/^Pod was rejected: /),
  });
  runner.remove("holds-1");
  await runner.waitFor("holds-2", isReady);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const script = `exec ${process.execPath} -e 'require("net").createServer().listen(${port}, "127.0.0.1")'`;
  runner.apply("foreign", { script, spec: { restartPolicy: "Always" } });
  await runner.waitFor("foreign", (seen) => waitingFor(seen) === "CrashLoopBackOff");
  await new Promise((resolve) => server.close(resolve));
});

test("a pod that is removed while it starts leaves nothing behind", async () => {
  for (const pauseMs of [0, 5, 10, 20, 40, 80]) {
    runner.apply(
      "brief",
      lone("brief", { spec: { initContainers: [{ name: "i", image: "i", command: ["true"] }] } }),
    );
    await sleep(pauseMs);
    runner.remove("brief");
  }
  await gone("brief");
  const pid = existsSync(journalPath("brief"))
    ? readFileSync(`${journalPath("brief")}.pid`, "utf8").trim()
    : "";
  expect(pid === "" || !existsSync(`/proc/${pid}`)).toBe(true);
});

test("containers start in order and sidecars stop last, the first of them at the end", async () => {
  const step = (name: string, rest: object = {}) => ({
    name,
    image: "i",
    command: ["sh", "-c", `echo ${name} >>${journalPath("ordered")}`],
    ...rest,
  });
  const stays = (name: string) => ({
    ...lone("ordered", { version: name }).container,
    name,
    image: "i",
    command: [programPath("lone.sh"), journalPath("ordered"), "0.1"],
    restartPolicy: "Always",
    startupProbe: {
      exec: { command: ["grep", "-q", `start ${name}`, journalPath("ordered")] },
      periodSeconds: 1,
    },
  });
  runner.apply("ordered", {
    ...lone("ordered", {
      version: "main",
      container: {
        lifecycle: { postStart: note("ordered", "post main"), preStop: note("ordered", "pre main") },
      },
      spec: { initContainers: [step("first"), stays("side-1"), step("second"), stays("side-2")] },
    }),
  });
  await runner.waitFor("ordered", isReady);
  runner.remove("ordered");
  await gone("ordered");
  const lines = journal("ordered").filter((line) => !line.startsWith("both"));
  expect(lines.slice(0, 4)).toEqual(["first", "start side-1", "second", "start side-2"]);
  expect(lines.slice(4, 6).toSorted()).toEqual(["post main", "start main"]);
  expect(lines.slice(6)).toEqual(["pre main", "end main", "end side-2", "end side-1"]);
});

test("a pod's work ends its sidecars, and a failed init container ends the pod", async () => {
  const side = { name: "side", image: "i", command: ["sleep", "1000"], restartPolicy: "Always" };
  runner.apply("work", { script: "exit 0", spec: { initContainers: [side] } });
  runner.apply("unfit", { spec: { initContainers: [side, { name: "i", image: "i", command: ["false"] }] } });
  const worked = await runner.waitFor("work", ({ phase }) => phase === "Succeeded");
  expect(worked.initContainerStatuses?.[0]?.state.terminated?.exitCode).toBe(143);
  const unfit = await runner.waitFor("unfit", ({ phase }) => phase === "Failed");
  expect(unfit.containerStatuses?.[0]?.state.waiting?.reason).toBe("PodInitializing");
});

test("what exits at once waits longer each time and says so; another rule of its own brings it back", async () => {
  runner.apply("loops", { script: "exit 3", spec: { restartPolicy: "Always" } });
  const status = await runner.waitFor("loops", (seen) => waitingFor(seen) === "CrashLoopBackOff");
  expect(status.containerStatuses?.[0]).toMatchObject({
    restartCount: 1,
    lastState: { terminated: { exitCode: 3, reason: "Error" } },
  });
  const rule = { action: "Restart", exitCodes: { operator: "In", values: [7] } };
  const container = { restartPolicy: "Never", restartPolicyRules: [rule] };
  runner.apply("ruled", {
    script: `[ -e ${runner.root}/again ] || { : >${runner.root}/again; exit 7; }`,
    container,
  });
  const ruled = await runner.waitFor("ruled", ({ phase }) => phase === "Succeeded");
  expect(ruled.containerStatuses?.[0]?.restartCount).toBe(1);
});

test("a rule restarts all containers of a pod, and the init containers before them", async () => {
  const rule = { action: "RestartAllContainers", exitCodes: { operator: "In", values: [42] } };
  const path = journalPath("anew");
  runner.apply("anew", {
    container: {
      command: [
        "sh",
        "-c",
        `echo main >>${path}; [ -e ${path}.once ] && exec sleep 1000; : >${path}.once; exit 42`,
      ],
      restartPolicy: "Never",
      restartPolicyRules: [rule],
    },
    spec: { initContainers: [{ name: "i", image: "i", command: ["sh", "-c", `echo init >>${path}`] }] },
  });
  const status = await runner.waitFor(
    "anew",
    (seen) => seen.containerStatuses?.[0]?.restartCount === 1 && isReady(seen),
  );
  await expect.poll(() => journal("anew")).toEqual(["init", "main", "init", "main"]);
  expect(status.initContainerStatuses?.[0]?.restartCount).toBe(1);
});

test("a pod over its active deadline is stopped and has failed", async () => {
  runner.apply("late", lone("late", { spec: { activeDeadlineSeconds: 1 } }));
  const status = await runner.waitFor("late", ({ phase }) => phase === "Failed");
  expect(status.reason).toBe("DeadlineExceeded");
  await journaled("late", "end 1");
});

test("a postStart hook that fails ends its container with the reason", async () => {
  const postStart = { exec: { command: ["sh", "-c", "echo no luck; exit 1"] } };
  runner.apply(
    "unlucky",
    lone("unlucky", { container: { lifecycle: { postStart } }, spec: { restartPolicy: "Always" } }),
  );
  const status = await runner.waitFor("unlucky", (seen) => waitingFor(seen) !== undefined);
  expect(status.containerStatuses?.[0]?.state.waiting).toMatchObject({
    reason: "PostStartHookError",
    message: expect.stringContaining("no luck"),
  });
});

test("a liveness probe of each kind restarts what fails, with the probe's own grace", async () => {
  const probe = {
    initialDelaySeconds: 1,
    periodSeconds: 1,
    failureThreshold: 1,
    terminationGracePeriodSeconds: 2,
  };
  const dead = (name: string, handler: object): void =>
    runner.apply(
      name,
      lone(name, {
        container: { livenessProbe: { ...probe, ...handler } },
        spec: { restartPolicy: "Always" },
      }),
    );
  const host = "127.0.0.1";
  dead("dead-exec", { exec: { command: ["false"] } });
  dead("dead-tcp", { tcpSocket: { host, port: 1 } });
  dead("dead-http", { httpGet: { host, port: 1 } });
  dead("dead-grpc", { grpc: { port: 1 } });
  for (const kind of ["exec", "tcp", "http", "grpc"]) {
    const name = `dead-${kind}`;
    await runner.waitFor(name, (seen) => (seen.containerStatuses?.[0]?.restartCount ?? 0) > 0);
    await expect.poll(() => journal(name).slice(0, 3)).toEqual(["start 1", "end 1", "start 1"]);
    runner.remove(name);
  }
});

/** A hook that notes something and then goes on with a script. */
function note(name: string, line: string, script = "true") {
  return { exec: { command: ["sh", "-c", `echo ${line} >>${journalPath(name)}; ${script}`] } };
}

async function journaled(name: string, line: string): Promise<void> {
  await expect.poll(() => journal(name).includes(line), { timeout: 20_000, interval: 20 }).toBe(true);
}

async function gone(name: string): Promise<void> {
  await expect.poll(() => runner.report(name), { timeout: 20_000, interval: 20 }).toBeUndefined();
}

function isReady(status: PodStatus | undefined): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") === true;
}

function firstOf(status: PodStatus): ContainerStatus | undefined {
  return status.containerStatuses?.[0];
}

function waitingFor(status: PodStatus): string | undefined {
  const reason = firstOf(status)?.state.waiting?.reason;
  return reason === "ContainerCreating" ? undefined : reason;
}

function reportIn(namespace: string, name: string) {
  return runner
    .reports()
    .find(({ pod }) => pod.metadata.name === `${name}-node-1` && pod.metadata.namespace === namespace);
}
