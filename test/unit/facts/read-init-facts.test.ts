import { expect, test } from "vitest";
import { readInitFacts } from "../../../src/facts/read-init-facts.ts";
import { readMachineFacts } from "../../../src/facts/read-machine-facts.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { sampleInitConfig } from "../../support/init-config.ts";
import { createTempTree, type TreeEntry } from "../../support/temp-tree.ts";

async function read(
  entries: Readonly<Record<string, TreeEntry>>,
  options: Parameters<typeof createFakeSystem>[0] & { readonly paths?: readonly string[] } = {},
) {
  const system = createFakeSystem({ rootDir: createTempTree(entries), ...options });
  const machine = await readMachineFacts(system);
  return readInitFacts(system, {
    config: sampleInitConfig(),
    machine,
    ports: [],
    paths: options.paths ?? [],
  });
}

test("reads swap, forwarding, cgroups and capabilities from /proc", async () => {
  const facts = await read({
    "/proc/swaps": "Filename Type\n/dev/sda2 partition\n",
    "/proc/sys/net/ipv4/ip_forward": "1\n",
    "/proc/sys/net/ipv6/conf/default/forwarding": "0\n",
    "/proc/self/mounts": "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n",
    "/proc/self/status": "Name:\tx\nCapEff:\t0000000001000000\n",
  });
  expect(facts).toMatchObject({
    swapOn: true,
    ipv4Forwarding: true,
    ipv6Forwarding: false,
    cgroup: "v2",
    canLowerOomScore: true,
  });
});

test.each([
  ["cgroup /sys/fs/cgroup/cpu cgroup rw\n", "v1"],
  ["cgroup /sys/fs/cgroup/cpu cgroup rw\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw\n", "hybrid"],
  ["tmpfs /tmp tmpfs rw\n", "none"],
])("tells the cgroup kind by the mounts: %j", async (mounts, kind) => {
  expect((await read({ "/proc/self/mounts": mounts })).cgroup).toBe(kind);
});

test("a bare directory as machine has facts, and what could not be read is named", async () => {
  const facts = await read({});
  expect(facts).toMatchObject({ swapOn: false, ipv4Forwarding: undefined, canLowerOomScore: false });
  expect(facts.unknown.map(({ fact }) => fact)).toEqual(["IPv4 routes", "other runners"]);
});

test("tells what stands at the asked paths", async () => {
  const facts = await read({ "/a/one": "x", "/a/two": "y" }, { paths: ["/a", "/a/one", "/none"] });
  expect(facts.paths.map(({ status, entryCount }) => [status?.kind, entryCount])).toEqual([
    ["directory", 2],
    ["file", undefined],
    [undefined, undefined],
  ]);
});

test("names the proxy variables but not their values, and splits NO_PROXY", async () => {
  const env = { https_proxy: "http://user:secret@proxy.test", NO_PROXY: "10.0.0.0/8, .test" };
  const facts = await read({}, { host: { env } });
  expect(facts).toMatchObject({ proxyVariables: ["https_proxy"], noProxy: ["10.0.0.0/8", ".test"] });
  expect(JSON.stringify(facts)).not.toContain("secret");
});

test("finds a kubelet and a runner on the manifest directory, and no other one", async () => {
  const facts = await read({
    "/proc/10/cmdline": "/usr/bin/kubelet\0--pod-manifest-path=/etc/kubernetes/manifests\0",
    "/proc/11/cmdline": "/usr/bin/kubelet\0--pod-manifest-path=/elsewhere\0",
    "/proc/12/cmdline": "node\0/opt/slipway/dist/main.cjs\0runner\0run\0",
    "/proc/13/cmdline": "node\0/opt/slipway/dist/main.cjs\0runner\0run\0--root\0/srv/two\0",
    "/proc/14/cmdline": "slipway\0init\0",
    "/proc/4242/cmdline": "slipway\0runner\0run\0",
    "/var/lib/slipway/runner.yaml": "staticPodPath: /etc/kubernetes/manifests\n",
    "/srv/two/var/lib/slipway/runner.yaml": "staticPodPath: /srv/two/etc/kubernetes/manifests\n",
  });
  expect(facts.otherRunners).toEqual([
    { pid: 10, command: "kubelet", root: undefined },
    { pid: 12, command: "slipway", root: "/" },
  ]);
});

test("of a runner whose configuration cannot be read it is told, and the others are found", async () => {
  const facts = await read({
    "/proc/12/cmdline": "slipway\0runner\0run\0",
    "/proc/13/cmdline": "slipway\0runner\0run\0--root\0/srv/two\0",
    "/var/lib/slipway/runner.yaml": "staticPodPath: /etc/kubernetes/manifests\n",
    "/srv/two/var/lib/slipway/runner.yaml": "dir/",
  });
  expect(facts.otherRunners).toEqual([{ pid: 12, command: "slipway", root: "/" }]);
  expect(facts.unknown).toContainEqual({
    fact: "what slipway (pid 13) runs",
    reason: expect.stringContaining("/srv/two/var/lib/slipway/runner.yaml"),
  });
});

test("names the nearest parents in which nothing can be made", async () => {
  const facts = await read(
    { "/etc": "dir/", "/var/lib": "dir/" },
    { fs: { access: (path) => Promise.resolve(path !== "/etc") } },
  );
  expect(facts.unwritable).toEqual(["/etc"]);
});

test("a file where a parent directory should be is named as what cannot be written", async () => {
  const rootDir = createTempTree({ "/etc": "a file" });
  const facts = await read({}, { rootDir, fs: { access: (path) => Promise.resolve(path !== "/etc") } });
  expect(facts.unwritable).toEqual(["/etc"]);
});

test("measures free space where the files will be, and tells where something grows", async () => {
  const facts = await read(
    { "/etc": "dir/", "/run": "dir/", "/var/lib/etcd": "dir/" },
    { fs: { freeBytes: async () => 7, freeFiles: async () => 8 } },
  );
  const room = { bytes: 7, files: 8 };
  expect(facts.freeSpace).toContainEqual({ path: "/var/lib/etcd", ...room, holdsData: true });
  expect(facts.freeSpace).toContainEqual({ path: "/etc", ...room, holdsData: false });
  expect(facts.freeSpace).toContainEqual({ path: "/run", ...room, holdsData: false });
});
