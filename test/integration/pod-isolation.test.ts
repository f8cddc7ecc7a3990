import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runManifestsValidate } from "../../src/commands/runner/manifests.ts";
import type { ContainerState, PodStatus } from "../../src/pod/types.ts";
import { readMadePaths } from "../../src/runtime/made-paths.ts";
import { createSystem } from "../../src/system/create-system.ts";
import { type PodRunner, startPodRunner } from "../support/pod-runner.ts";

const silent = (): undefined => undefined;
const system = createSystem({ log: { error: silent, warn: silent, info: silent, debug: silent } });

let runner: PodRunner;
beforeAll(async () => {
  runner = await startPodRunner();
});
afterAll(async () => {
  await runner.destroy();
  expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(runner.root);
});

test("an emptyDir is shared by a pod's containers, and a program out of it can be run", async () => {
  runner.apply("shared", {
    container: { command: ["/shared/tool"], volumeMounts: [{ name: "shared", mountPath: "/shared" }] },
    spec: {
      volumes: [{ name: "shared", emptyDir: {} }],
      initContainers: [
        {
          name: "copy",
          image: "copy:1",
          command: ["sh", "-c", "printf '#!/bin/sh\\necho it runs\\n' >/x/tool; chmod +x /x/tool"],
          volumeMounts: [{ name: "shared", mountPath: "/x" }],
        },
      ],
    },
  });
  await ended("shared");
  expect(runner.output("shared", "main")).toEqual(["it runs"]);
});

test("an emptyDir in memory has its size, outlives the runner, and is gone with its pod", async () => {
  runner.apply("memory", {
    script:
      "df -B1 --output=size /m | tail -1 | tr -d ' '; head -c 2000000 /dev/zero >/m/big || echo full; sleep 1000",
    container: { volumeMounts: [{ name: "m", mountPath: "/m" }] },
    spec: { volumes: [{ name: "m", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } }] },
  });
  await expect.poll(() => runner.output("memory", "main")).toEqual(["1048576", "full"]);
  const dir = join(podDir("memory"), "volumes/kubernetes.io~empty-dir/m");
  const notes = await readMadePaths(system, runner.paths.madePathsPath);
  expect(notes).toContainEqual({ kind: "mount", path: dir });
  await runner.restart();
  await running("memory");
  expect(statSync(join(dir, "big")).size).toBe(1_048_576);
  runner.remove("memory");
  await expect.poll(() => runner.report("memory"), { timeout: 10_000 }).toBeUndefined();
  expect(existsSync(dir)).toBe(false);
});

test("what a pod says of itself is in files and variables", async () => {
  runner.apply("downward", {
    labels: { app: "web", "quo.te": "x" },
    script:
      "cat /info/labels /info/deep/cpu; echo; ls -la /info/deep/ | grep -c rw-r-----; env | grep ^MY_ | sort; touch /info/x",
    container: {
      resources: { limits: { memory: "64Mi" }, requests: { cpu: "250m" } },
      env: [
        { name: "MY_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
        { name: "MY_IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } },
        { name: "MY_APP", valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
        {
          name: "MY_MEMORY",
          valueFrom: { resourceFieldRef: { resource: "limits.memory", divisor: "1Mi" } },
        },
        { name: "MY_TEXT", value: "$(MY_NAME)/$(NOT_THERE)/$$(MY_NAME)" },
      ],
      volumeMounts: [{ name: "info", mountPath: "/info" }],
    },
    spec: {
      volumes: [
        {
          name: "info",
          projected: {
            sources: [
              {
                downwardAPI: {
                  items: [
                    { path: "labels", fieldRef: { fieldPath: "metadata.labels" } },
                    {
                      path: "deep/cpu",
                      mode: 0o640,
                      resourceFieldRef: { containerName: "main", resource: "requests.cpu", divisor: "1m" },
                    },
                  ],
                },
              },
            ],
          },
        },
      ],
    },
  });
  const { exitCode } = await ended("downward");
  expect(runner.output("downward", "main")).toEqual([
    'app="web"',
    'quo.te="x"250',
    "1",
    "MY_APP=web",
    "MY_IP=192.0.2.7",
    "MY_MEMORY=64",
    "MY_NAME=downward-node-1",
    "MY_TEXT=downward-node-1/$(NOT_THERE)/$(MY_NAME)",
  ]);
  expect(exitCode).toBe(1);
});

test("subPath and subPathExpr are made where they lack, and never lead out of their volume", async () => {
  const data = join(runner.root, "data");
  mkdirSync(data, { mode: 0o751 });
  symlinkSync("/etc", join(data, "escape"));
  const pod = (mount: object) => ({
    script: "echo here >/data/file",
    container: {
      env: [{ name: "WHO", value: "me" }],
      volumeMounts: [{ name: "data", mountPath: "/data", ...mount }],
    },
    spec: { volumes: [{ name: "data", hostPath: { path: data } }] },
  });
  runner.apply("sub-path", pod({ subPathExpr: "for/$(WHO)" }));
  runner.apply("escape", pod({ subPath: "escape" }));
  await ended("sub-path");
  expect(readFileSync(join(data, "for/me/file"), "utf8")).toBe("here\n");
  expect(statSync(join(data, "for")).mode & 0o777).toBe(0o751);
  expect(await waiting("escape")).toMatchObject({
    reason: "CreateContainerConfigError",
    message: expect.stringContaining('failed to prepare subPath for volumeMount "data" of container "main"'),
  });
});

test("user, group, fsGroup, capabilities and a read-only root are as the pod says", async () => {
  runner.apply("secure", {
    script:
      "id -u; id -G; echo x >/data/file && stat -c %g /data/file; echo >/etc/x || echo read-only; grep CapBnd /proc/self/status",
    container: {
      securityContext: {
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
      },
      volumeMounts: [{ name: "data", mountPath: "/data" }],
    },
    spec: {
      securityContext: { runAsUser: 4711, runAsGroup: 4712, runAsNonRoot: true, fsGroup: 4713 },
      volumes: [{ name: "data", emptyDir: {} }],
    },
  });
  await ended("secure");
  expect(runner.output("secure", "main")).toEqual([
    "4711",
    "4712 4713",
    "4713",
    "read-only",
    "CapBnd:\t0000000000000400",
  ]);
});

test("runAsNonRoot without a user waits with the kubelet's words", async () => {
  runner.apply("non-root", { spec: { securityContext: { runAsNonRoot: true } } });
  expect(await waiting("non-root")).toMatchObject({
    reason: "CreateContainerConfigError",
    message: expect.stringMatching(
      /^container has runAsNonRoot and image will run as root \(pod: "non-root-node-1_default\(.*\)", container: main\)$/,
    ),
  });
});

test("limits are in the container's cgroup and its pod's", async () => {
  runner.apply("limited", {
    script: "cat /proc/self/cgroup; sleep 1000",
    container: { resources: { requests: { cpu: "100m" }, limits: { cpu: "500m", memory: "64Mi" } } },
  });
  await running("limited");
  await expect.poll(() => runner.output("limited", "main").length).toBeGreaterThan(0);
  const { cpu, memory, pids } = cgroupsOf("limited");
  if (cpu === undefined || memory === undefined || pids === undefined) return;
  const read = (dir: string, file: string): string => readFileSync(join(dir, file), "utf8").trim();
  expect(read(cpu, "cpu.shares")).toBe("102");
  expect(read(cpu, "cpu.cfs_quota_us")).toBe("50000");
  expect(read(memory, "memory.limit_in_bytes")).toBe(String(64 * 1024 * 1024));
  expect(read(join(memory, ".."), "memory.limit_in_bytes")).toBe(String(64 * 1024 * 1024));
  expect(read(join(pids, ".."), "pids.max")).toBe("100");
  runner.remove("limited");
  await expect.poll(() => existsSync(join(memory, ".."))).toBe(false);
});

test("a container that needs more memory than it may have ends as OOMKilled, with 137", async () => {
  runner.apply("greedy", {
    container: {
      command: ["tail", "/dev/zero"],
      resources: { limits: { memory: "16Mi" } },
    },
  });
  const state = await ended("greedy");
  expect(state).toMatchObject({ exitCode: 137, reason: "OOMKilled" });
  await runner.restart();
  expect(await ended("greedy")).toMatchObject({ exitCode: 137, reason: "OOMKilled" });
});

test("an image that this machine has nothing for waits, names what could run it, and is told before", async () => {
  runner.apply("foreign", { container: { image: "docker.io/library/nginx:1", command: undefined } });
  const state = await waiting("foreign");
  expect(state).toMatchObject({
    reason: "ErrImagePull",
    message: expect.stringMatching(/docker\.io\/library\/nginx:1.*containerd/s),
  });
  const judged = await runManifestsValidate(system, {
    root: runner.root,
    paths: [join(runner.paths.manifestDir, "foreign.yaml")],
    readInput: async () => "",
  });
  expect(judged.items[0]?.warnings.map(({ text }) => text)).toEqual([
    `spec.containers[0].image: a runner here lets it wait with ErrImagePull: ${state?.message}`,
  ]);
  runner.apply("never", {
    container: { image: "docker.io/library/nginx:1", command: undefined, imagePullPolicy: "Never" },
  });
  expect(await waiting("never")).toMatchObject({
    reason: "ErrImageNeverPull",
    message: expect.stringContaining("is not present with pull policy of Never"),
  });
});

test("a volume that needs a container runtime holds its pod and says so", async () => {
  runner.apply("image-volume", {
    spec: { volumes: [{ name: "data", image: { reference: "example.org/data:1" } }] },
  });
  expect(await waiting("image-volume")).toMatchObject({
    reason: "ContainerCreating",
    message:
      "volume data: image volumes need a container runtime; emptyDir, hostPath, downwardAPI and projected work without",
  });
});

test("a field that cannot act is told once for the life of the runner", async () => {
  const profile = { securityContext: { seccompProfile: { type: "RuntimeDefault" } } };
  for (const name of ["profile-1", "profile-2"]) runner.apply(name, { container: profile });
  await Promise.all([ended("profile-1"), ended("profile-2")]);
  const lines = runner.logged.filter((line) => line.includes('"securityContext.seccompProfile"'));
  expect(lines).toHaveLength(1);
});

function podDir(name: string): string {
  return join(runner.paths.podsDir, runner.report(name)?.pod.metadata.uid ?? "");
}

function stateOf(status: PodStatus): ContainerState | undefined {
  return status.containerStatuses?.[0]?.state;
}

async function ended(name: string): Promise<Partial<NonNullable<ContainerState["terminated"]>>> {
  const status = await runner.waitFor(name, (seen) => stateOf(seen)?.terminated !== undefined);
  return stateOf(status)?.terminated ?? {};
}

async function running(name: string): Promise<void> {
  await runner.waitFor(name, (seen) => stateOf(seen)?.running !== undefined);
}

async function waiting(name: string): Promise<ContainerState["waiting"]> {
  const status = await runner.waitFor(name, (seen) => stateOf(seen)?.waiting?.message !== undefined);
  return stateOf(status)?.waiting;
}

/** Where a container says that it lives, in the hierarchies of version 1; machines without them have none. */
function cgroupsOf(name: string): Readonly<Record<"cpu" | "memory" | "pids", string | undefined>> {
  const lines = runner.output(name, "main").map((line) => line.split(":"));
  const dirOf = (controller: string): string | undefined => {
    const [, names, path] = lines.find((line) => line[1]?.split(",").includes(controller)) ?? [];
    return names === undefined ? undefined : `/sys/fs/cgroup/${names}${path}`;
  };
  return { cpu: dirOf("cpu"), memory: dirOf("memory"), pids: dirOf("pids") };
}
