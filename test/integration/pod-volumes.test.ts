import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { PodStatus } from "../../src/pod/types.ts";
import { type PodRunner, startPodRunner } from "../support/pod-runner.ts";

let runner: PodRunner;
beforeAll(async () => {
  runner = await startPodRunner();
});
afterAll(() => runner.destroy());

test("an init container's file in an emptyDir gives variables to the containers after it", async () => {
  const file = "A='one\ntwo' # said\nB='$A'\n";
  runner.apply("file", {
    script: `echo "$A"; echo "$B $C \${D-none}"`,
    container: {
      env: [
        fromFile("A", { key: "A" }),
        fromFile("B", { key: "B" }),
        { name: "C", value: "<$(A)>" },
        fromFile("D", { key: "D", optional: true }),
      ],
    },
    spec: madeBy(["sh", "-c", 'mkdir /x/deep && printf %s "$0" >/x/deep/pod.env', file]),
  });
  await runner.waitFor(
    "file",
    ({ containerStatuses }) => containerStatuses?.[0]?.state.terminated !== undefined,
  );
  expect(runner.output("file", "main")).toEqual(["one", "two", "$A <one", "two> none"]);
});

test("hostAliases, dnsPolicy and dnsConfig are in the pod's own files, and not in the machine's", async () => {
  const read = async (name: string, spec: object, container = {}): Promise<readonly string[]> => {
    const script = "grep -c alias.example /etc/hosts; cat /etc/resolv.conf; echo end >>/dev/stdout";
    runner.apply(name, { script, container, spec: { securityContext: { runAsUser: 4711 }, ...spec } });
    const hasEnded = ({ containerStatuses }: PodStatus): boolean =>
      containerStatuses?.[0]?.state.terminated !== undefined;
    await runner.waitFor(name, hasEnded);
    return runner.output(name, "main");
  };
  const hostAliases = [{ ip: "192.0.2.9", hostnames: ["alias.example"] }];
  const own = { hostAliases, dnsPolicy: "None", dnsConfig: { nameservers: ["192.0.2.53"] } };
  expect(await read("names", own)).toEqual(["1", "nameserver 192.0.2.53", "end"]);
  const [count, search, ...rest] = await read("cluster", { dnsPolicy: "ClusterFirstWithHostNet" });
  expect(search).toMatch(/^search default\.svc\.cluster\.test svc\.cluster\.test cluster\.test( |$)/);
  expect([count, ...rest]).toEqual(["0", "nameserver 192.0.2.54", "options ndots:5", "end"]);
  const volumes = [{ name: "v", hostPath: { path: runner.root } }];
  const shared = await read(
    "shared",
    { dnsPolicy: "ClusterFirstWithHostNet", volumes },
    {
      securityContext: { privileged: true },
      volumeMounts: [{ name: "v", mountPath: runner.root, mountPropagation: "Bidirectional" }],
    },
  );
  expect(shared.join("\n")).toBe(`0\n${readFileSync("/etc/resolv.conf", "utf8")}end`);
  expect(readFileSync("/etc/hosts", "utf8")).not.toContain("alias.example");
  expect(readFileSync("/etc/resolv.conf", "utf8")).not.toContain("192.0.2.5");
});

test("a key that is not there holds its container, and so does a file that is wrong or leads out of the volume", async () => {
  const env = [fromFile("D", { key: "D" })];
  const secret = join(runner.root, "secret");
  mkdirSync(secret);
  writeFileSync(join(secret, "pod.env"), "D='secret'\n");
  const cases = {
    lacks: [
      ["sh", "-c", "mkdir /x/deep && echo \"E='e'\" >/x/deep/pod.env"],
      /key "D" not found in file "deep\/pod.env"/,
    ],
    wrong: [
      ["sh", "-c", "mkdir /x/deep && echo D=d >/x/deep/pod.env"],
      /at line 1: value must be enclosed in single/,
    ],
    absent: [["true"], /couldn't parse env file: ENOENT/],
    pipe: [["sh", "-c", "mkdir /x/deep && mkfifo /x/deep/pod.env"], /deep\/pod.env is no file/],
    leaves: [["ln", "-s", secret, "/x/deep"], /deep\/pod.env leads out of the volume/],
  } as const;
  for (const [name, [command]] of Object.entries(cases))
    runner.apply(name, { container: { env }, spec: madeBy(command) });
  for (const [name, [, message]] of Object.entries(cases)) {
    const { containerStatuses } = await runner.waitFor(name, (status) => {
      return status.containerStatuses?.[0]?.state.waiting?.reason === "CreateContainerConfigError";
    });
    expect(containerStatuses?.[0]?.state.waiting).toMatchObject({ message: expect.stringMatching(message) });
  }
});

test("what a container mounts below a Bidirectional mount reaches the machine, and nothing else does", async () => {
  const dir = join(runner.root, "shared");
  const pod = (name: string, mountPath: string) => ({
    script: `cat /etc/hosts; d=${mountPath}/${name}; mkdir $d && mount -t tmpfs slipway-test $d && touch $d/here; exec sleep 1000`,
    container: {
      securityContext: { privileged: true },
      volumeMounts: [{ name: "shared", mountPath, mountPropagation: "Bidirectional" }],
    },
    spec: { volumes: [{ name: "shared", hostPath: { path: dir, type: "DirectoryOrCreate" } }] },
  });
  const aliases = { hostAliases: [{ ip: "192.0.2.9", hostnames: ["slipway.test"] }] };
  const isMounted = (name: string): boolean => existsSync(join(dir, name, "here"));
  runner.apply("same", pod("same", dir));
  await expect.poll(() => isMounted("same"), { timeout: 10_000 }).toBe(true);
  onTestFinished(() => {
    for (const point of listMounts().toReversed()) if (point.startsWith(dir)) execFileSync("umount", [point]);
  });

  const moved = pod("moved", "/slipway-test/shared");
  const message = /lies on no shared mount \(mount --make-rshared \/\)/;
  runner.apply("unshared", moved);
  const { containerStatuses } = await runner.waitFor("unshared", (status) => {
    return message.test(status.containerStatuses?.[0]?.state.waiting?.message ?? "");
  });
  expect(containerStatuses?.[0]?.state.waiting?.reason).toBe("RunContainerError");
  runner.remove("unshared");

  execFileSync("mount", ["--rbind", "--make-rshared", dir, dir]);
  const before = listMounts();
  runner.apply("moved", { ...moved, spec: { ...moved.spec, ...aliases } });
  runner.apply("hosts", { ...pod("hosts", dir), spec: { ...moved.spec, ...aliases } });
  await expect.poll(() => isMounted("moved") && isMounted("hosts"), { timeout: 10_000 }).toBe(true);
  for (const name of ["moved", "hosts"])
    await expect.poll(() => runner.output(name, "main").at(-1)).toBe("192.0.2.9\tslipway.test");
  const after = [...before, join(dir, "hosts"), join(dir, "moved")].toSorted();
  expect(listMounts().toSorted()).toEqual(after);
  runner.remove("moved");
  runner.remove("hosts");
  await expect
    .poll(() => runner.report("moved") ?? runner.report("hosts"), { timeout: 10_000 })
    .toBeUndefined();
  expect(listMounts().toSorted()).toEqual(after);
});

/** Where something is mounted on this machine, as far as these pods could be the cause, in order. */
function listMounts(): readonly string[] {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").trimEnd().split("\n");
  const points = lines.map((line) => line.split(" ")[4] ?? "");
  return points.filter(
    (point) => point.startsWith(runner.root) || /^\/(?:etc|proc\/fs|slipway-test)/.test(point),
  );
}

function fromFile(name: string, ref: object): object {
  return { name, valueFrom: { fileKeyRef: { volumeName: "made", path: "deep/pod.env", ...ref } } };
}

/** An init container that runs this with the volume at /x. */
function madeBy(command: readonly string[]): Readonly<Record<string, unknown>> {
  const volumeMounts = [{ name: "made", mountPath: "/x" }];
  return {
    volumes: [{ name: "made", emptyDir: {} }],
    initContainers: [{ name: "make", image: "make:1", command, volumeMounts }],
  };
}
