import { expect, test } from "vitest";
import { refuseServedPlace } from "../../../../src/commands/runner/refuse-served-place.ts";
import { buildPaths } from "../../../../src/core/paths.ts";
import { buildKubeletConfiguration } from "../../../support/cluster-values.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { createTempTree, type TreeEntry } from "../../../support/temp-tree.ts";

/** A runner of the root /mine that is to serve a place, on a machine with these processes and files. */
function start(
  staticPodPath: string | undefined,
  entries: Readonly<Record<string, TreeEntry>>,
): Promise<void> {
  const tree = { "srv/pods/web.yaml": "", "srv/pods/below/": "dir/", ...entries };
  return refuseServedPlace(createFakeSystem({ rootDir: createTempTree(tree) }), {
    paths: buildPaths({ root: "/mine", uid: 0 }),
    kubelet: buildKubeletConfiguration({ staticPodPath }),
  });
}

const runner = (...flags: readonly string[]): string =>
  ["/usr/bin/slipway", "runner", "run", ...flags].map((word) => `${word}\0`).join("");
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
  const kubelet = "/usr/bin/kubelet\0--pod-manifest-path=/srv/pods\0";
  await expect(start("/srv/pods", { "proc/9/cmdline": kubelet })).rejects.toMatchObject({
    code: "SLIPWAY_KUBELET_RUNS",
    why: "a kubelet (pid 9) runs them, and two would run every pod twice",
    fix: expect.stringContaining("kill 9"),
  });
});

test("a kubelet in a container, such as kind's, has files of its own", async () => {
  const kubelet = "/usr/bin/kubelet\0--pod-manifest-path=/srv/pods\0";
  await start("/srv/pods", { "proc/9/cmdline": kubelet, "proc/9/root": { link: createTempTree({}) } });
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
