import { expect, test } from "vitest";
import type { Removal } from "../../../src/apply/reset/build-reset-plan.ts";
import type { ListedReset } from "../../../src/apply/reset/read-reset-plan.ts";
import { describeResetPlan, summarizeResetPlan } from "../../../src/commands/describe-reset-plan.ts";

function removal(path: string, change: Partial<Removal> = {}): Removal {
  return { kind: "file", path, keep: false, modeBefore: undefined, ...change };
}

function plan(removals: readonly Removal[], change: Partial<ListedReset> = {}): ListedReset {
  return {
    runtime: "host",
    etcdDataDir: undefined,
    runnerPids: [],
    containers: [],
    removals,
    changedCopies: [],
    strays: [],
    ...change,
  };
}

const DIR = { kind: "dir" } as const;

test("what lies in a directory that goes is counted with it", () => {
  const removals = [
    removal("/etc/kubernetes/pki/ca.crt"),
    removal("/etc/kubernetes/pki/ca.key"),
    removal("/etc/kubernetes/pki", DIR),
    removal("/etc/kubernetes", DIR),
    removal("/var/lib/etcd", { kind: "tree" }),
  ];
  expect(summarizeResetPlan(plan(removals))).toEqual([
    "remove  /etc/kubernetes with 3 paths",
    "remove  /var/lib/etcd and all that is in it",
  ]);
  expect(describeResetPlan(plan(removals))).toHaveLength(5);
});

test("a directory that was there before is said to stay", () => {
  const removals = [
    removal("/etc/kubernetes/admin.conf"),
    removal("/etc/kubernetes", { ...DIR, keep: true }),
  ];
  expect(summarizeResetPlan(plan(removals))).toEqual([
    "empty   /etc/kubernetes of 1 path of ours; it was there before",
  ]);
});

test("many files of a directory that is nobody's, and many mounts, have one line", () => {
  const links = ["a", "b", "c"].map((name) => removal(`/var/log/containers/${name}.log`));
  const mounts = ["x", "y", "z"].map((name) => removal(`/pods/${name}`, { kind: "mount" }));
  const unit = removal("/etc/systemd/system/slipway-runner.service");
  expect(summarizeResetPlan(plan([...mounts, ...links, unit]))).toEqual([
    "unmount 3 file systems",
    "remove  3 files in /var/log/containers",
    "remove  /etc/systemd/system/slipway-runner.service",
  ]);
});

test("pods have one line, each named once", () => {
  const containers = [
    { id: "1", pod: "kube-system/etcd-vm", container: "etcd" },
    { id: "2", pod: "kube-system/etcd-vm", container: "etcd" },
    { id: "3", pod: "default/web", container: "main" },
  ];
  expect(
    summarizeResetPlan(plan([], { containers, runnerPids: [7], changedCopies: ["/home/a/.kube/config"] })),
  ).toEqual([
    "stop    kube-system/etcd-vm, default/web",
    "stop    the runner, pid 7",
    "keep    /home/a/.kube/config, which was changed since init wrote it",
  ]);
});

test("what keeps a directory from going is told beforehand, in either form", () => {
  const made = plan([removal("/etc/kubernetes", DIR)], { strays: ["/etc/kubernetes/notes"] });
  const line =
    "keep    /etc/kubernetes/notes, which Slipway did not make: reset ends only when it is moved away or removed";
  expect(describeResetPlan(made)).toContain(line);
  expect(summarizeResetPlan(made)).toContain(line);
  const many = { ...made, strays: ["a", "b", "c", "d", "e"] };
  expect(summarizeResetPlan(many)).toContain("keep    2 more such paths");
  expect(describeResetPlan(many)).toHaveLength(6);
});
