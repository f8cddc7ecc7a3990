import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { refuseServedPlace } from "../../../../src/commands/runner/refuse-served-place.ts";
import { buildPaths } from "../../../../src/core/paths.ts";
import type { FileSystem } from "../../../../src/system/file-system.ts";
import { buildKubeletConfiguration } from "../../../support/cluster-values.ts";
import { advanceUntilDone } from "../../../support/fake-clock.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { createTempTree, type TreeEntry } from "../../../support/temp-tree.ts";

/** A runner of the root /mine that is to serve a place, on a machine with these processes and files, and named pipes. */
function start(
  staticPodPath: string | undefined,
  entries: Readonly<Record<string, TreeEntry>>,
  { pipe }: { readonly pipe?: string } = {},
): Promise<void> {
  const place = { "srv/pods/web.yaml": "", "srv/pods/below/": "dir/" } as const;
  const rootDir = createTempTree({ ...place, ...startedAt(9, 5), ...startedAt(4242, 77), ...entries });
  if (pipe !== undefined) execFileSync("mkfifo", [join(rootDir, pipe)]);
  return refuseServedPlace(createFakeSystem({ rootDir }), {
    paths: buildPaths({ root: "/mine", uid: 0 }),
    kubelet: buildKubeletConfiguration({ staticPodPath }),
  });
}

/** When a process began, in clock ticks; this one is 4242. */
const startedAt = (pid: number, ticks: number) => ({
  [`proc/${pid}/stat`]: `${pid} (node) S ${"0 ".repeat(18)}${ticks} 0`,
});
const runner = (...flags: readonly string[]): string =>
  ["/usr/bin/slipway", "runner", "run", ...flags].map((word) => `${word}\0`).join("");
const kubelet = (...flags: readonly string[]): string => ["/usr/bin/kubelet", ...flags, ""].join("\0");
const FLAGS = "other/var/lib/slipway/runner-flags.json";

test.each<readonly [string, string, Readonly<Record<string, TreeEntry>>]>([
  [
    "the same directory",
    "/srv/pods",
    { "proc/9/cmdline": runner("--root=/other", "--pod-manifest-path=/srv/pods") },
  ],
  [
    "a file of its directory",
    "/srv/pods/web.yaml",
    { "proc/9/cmdline": runner("--root=/other", "--pod-manifest-path=/srv/pods") },
  ],
  [
    "the directory of its file",
    "/srv/pods",
    { "proc/9/cmdline": runner("--root=/other", "--pod-manifest-path=/srv/pods/web.yaml") },
  ],
  [
    "what it was started with last",
    "/srv/pods",
    {
      "proc/9/cmdline": runner("--standby", "--root", "/other"),
      [FLAGS]: '["--pod-manifest-path=/srv/pods"]',
    },
  ],
])("a runner of another root is told by pid and root where it reads %s", async (_what, path, entries) => {
  await expect(start(path, entries)).rejects.toMatchObject({
    code: "SLIPWAY_RUNNER_RUNNING",
    what: `no runner is started on /mine: the static pods in ${path} are run already`,
    why: "the runner of /other (pid 9) runs them, and two would run every pod twice",
    fix: "name another directory; or end the other with its pods: slipway runner stop --root /other --pods",
  });
});

test("a kubelet is told by its pid", async () => {
  await expect(
    start("/srv/pods", { "proc/9/cmdline": kubelet("--pod-manifest-path=/srv/pods") }),
  ).rejects.toMatchObject({
    code: "SLIPWAY_KUBELET_RUNS",
    why: "a kubelet (pid 9) runs them, and two would run every pod twice",
    fix: expect.stringContaining("kill 9"),
  });
});

test("a kubelet in a container, such as kind's, has files of its own", async () => {
  await start("/srv/pods", {
    "proc/9/cmdline": kubelet("--pod-manifest-path=/srv/pods"),
    "proc/9/root": { link: createTempTree({}) },
  });
});

test("another place, a directory in a directory, and a runner of this very root stand in nobody's way", async () => {
  const other = { "proc/9/cmdline": runner("--root=/other", "--pod-manifest-path=/srv/pods") };
  for (const path of ["/srv", "/srv/pods/below", "/srv/others", undefined]) await start(path, other);
  const same = runner("--standby", "--root", "/mine");
  await start("/srv/pods", {
    "proc/9/cmdline": same,
    "mine/var/lib/slipway/runner.yaml": "staticPodPath: /srv/pods\n",
  });
});

test("what another user calls a runner or a kubelet is nobody's business, but root's is another user's", async () => {
  const fakes = {
    "proc/8/cmdline": kubelet("--pod-manifest-path=/srv/pods"),
    "proc/9/cmdline": runner("--root=/home/eve", "--pod-manifest-path=/srv/pods"),
  };
  const rootDir = createTempTree(fakes);
  const real = createFakeSystem({ rootDir }).fs;
  const stat: FileSystem["stat"] = async (path) => {
    const status = await real.stat(path);
    return status && { ...status, uid: path.startsWith("/proc/") ? 1000 : 0 };
  };
  const paths = buildPaths({ root: "/mine", uid: 0 });
  const kubeletConfig = buildKubeletConfiguration({ staticPodPath: "/srv/pods" });
  const options = { paths, kubelet: kubeletConfig };
  await refuseServedPlace(createFakeSystem({ rootDir, fs: { stat } }), options);
  for (const system of [
    createFakeSystem({ rootDir, host: { uid: 1000 } }),
    createFakeSystem({ rootDir, host: { uid: 1000 }, fs: { stat } }),
  ])
    await expect(refuseServedPlace(system, options)).rejects.toMatchObject({ code: "SLIPWAY_KUBELET_RUNS" });
});

test("a configuration that is a directory, a named pipe or too large hides no other kubelet", async () => {
  const entries = {
    "srv/large.yaml": "#".repeat(4 * 1024 * 1024 + 1),
    "proc/5/cmdline": kubelet("--config=/srv"),
    "proc/6/cmdline": kubelet("--config=/pipe"),
    "proc/7/cmdline": kubelet("--config=/srv/large.yaml"),
    "proc/8/cmdline": kubelet("--pod-manifest-path=/srv/pods/web.yaml/below"),
  };
  await start("/srv/pods", entries, { pipe: "pipe" });
  const real = { "proc/9/cmdline": kubelet("--pod-manifest-path=/srv/pods") };
  await expect(start("/srv/pods", { ...entries, ...real }, { pipe: "pipe" })).rejects.toMatchObject({
    code: "SLIPWAY_KUBELET_RUNS",
    why: expect.stringContaining("(pid 9)"),
  });
});

test("a runner whose remembered flags are a named pipe is not waited for", async () => {
  const entries = {
    "proc/9/cmdline": runner("--root=/other"),
    "other/var/lib/slipway/": "dir/",
  } as const;
  await start("/srv/pods", entries, { pipe: FLAGS });
});

test("a root that would colour or rewrite the terminal is written out", async () => {
  const entries = { "proc/9/cmdline": runner("--root=/o\u001b[2Jx", "--pod-manifest-path=/srv/pods") };
  await expect(start("/srv/pods", entries)).rejects.toMatchObject({
    why: expect.stringContaining("the runner of /o\\033[2Jx (pid 9)"),
    fix: expect.stringContaining("--root $'/o\\033[2Jx' --pods"),
  });
});

test("of two runners that start at once the later one is refused, and the other goes on when it is gone", async () => {
  const cmdline = runner("--root=/other", "--pod-manifest-path=/srv/pods");
  const begin = (own: { readonly pid: number; readonly ticks: number }) => {
    const rootDir = createTempTree({
      "srv/pods/": "dir/",
      "proc/90/cmdline": cmdline,
      ...startedAt(90, 77),
      ...startedAt(own.pid, own.ticks),
    });
    const system = createFakeSystem({ rootDir, host: { pid: own.pid } });
    const done = refuseServedPlace(system, {
      paths: buildPaths({ root: "/mine", uid: 0 }),
      kubelet: buildKubeletConfiguration({ staticPodPath: "/srv/pods" }),
    });
    return { rootDir, clock: system.clock, done };
  };
  const refusal = { code: "SLIPWAY_RUNNER_RUNNING", why: expect.stringContaining("(pid 90)") };
  for (const later of [
    { pid: 80, ticks: 78 },
    { pid: 91, ticks: 77 },
  ])
    await expect(begin(later).done).rejects.toMatchObject(refusal);
  for (const earlier of [
    { pid: 91, ticks: 76 },
    { pid: 80, ticks: 77 },
  ]) {
    const first = begin(earlier);
    rmSync(join(first.rootDir, "proc/90"), { recursive: true });
    await advanceUntilDone(first.clock, first);
    await first.done;
    const second = begin(earlier);
    await advanceUntilDone(second.clock, second);
    // It runs already, and does not yield.
    await expect(second.done).rejects.toMatchObject(refusal);
    expect(second.clock.monotonicMs()).toBeGreaterThanOrEqual(5_000);
  }
});
