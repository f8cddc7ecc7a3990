import { expect, test } from "vitest";
import { findStaticPodPath } from "../../../src/facts/find-static-pod-path.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree, type TreeEntry } from "../../support/temp-tree.ts";

function find(entries: Readonly<Record<string, TreeEntry>>) {
  const system = createFakeSystem({ rootDir: createTempTree({ "/proc": "dir/", ...entries }) });
  return findStaticPodPath(system, { root: "/" });
}

const KUBEADM_UNIT = {
  "/usr/lib/systemd/system/kubelet.service": "[Unit]\nDescription=x\n[Service]\nExecStart=/usr/bin/kubelet\n",
  "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf": [
    "[Service]",
    'Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/b --kubeconfig=/k"',
    'Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"',
    "EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env",
    "EnvironmentFile=-/etc/default/kubelet",
    "ExecStart=",
    "ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS \\",
    "  $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS",
    "",
  ].join("\n"),
  "/var/lib/kubelet/config.yaml": "kind: KubeletConfiguration\nstaticPodPath: /etc/kubernetes/manifests\n",
} as const;

test("nobody reads static pods on a bare machine", async () => {
  expect(await find({})).toEqual([]);
});

test("a kubelet as kubeadm's packages set it up is found by its systemd unit", async () => {
  expect(await find(KUBEADM_UNIT)).toEqual([
    {
      kind: "path",
      path: "/etc/kubernetes/manifests",
      how: "/usr/lib/systemd/system/kubelet.service: staticPodPath in /var/lib/kubelet/config.yaml",
    },
  ]);
});

test("a flag in an environment file counts, quoted or not", async () => {
  const quoted = {
    "/var/lib/kubelet/kubeadm-flags.env": 'KUBELET_KUBEADM_ARGS="--a=b --pod-manifest-path=/q"\n',
  };
  const bare = { "/etc/default/kubelet": "# x\nKUBELET_EXTRA_ARGS=--a=b --manifest-url=http://u/\n" };
  const found = await find({ ...KUBEADM_UNIT, ...quoted, ...bare });
  expect(found.map((source) => (source.kind === "path" ? source.path : source.url))).toEqual([
    "/q",
    "http://u/",
  ]);
});

test("a unit in /etc hides the one in /usr/lib, and a drop-in there its namesake", async () => {
  const [source] = await find({
    ...KUBEADM_UNIT,
    "/etc/systemd/system/kubelet.service.d/10-kubeadm.conf": `[Service]\nEnvironment=DIR=/d\nExecStart=\nExecStart=/usr/bin/kubelet --pod-manifest-path=\${DIR}/pods\n`,
  });
  expect(source).toMatchObject({ path: "/d/pods" });
});

test("what runs comes first, and a place is named once", async () => {
  const found = await find({
    ...KUBEADM_UNIT,
    "/proc/812/cmdline": "/usr/bin/kubelet\0--config=/var/lib/kubelet/config.yaml\0",
    "/proc/813/cmdline": "kubelet\0--pod-manifest-path=pods\0",
    "/proc/813/cwd": { link: "/srv" },
    "/proc/3/cmdline": "",
  });
  expect(found).toEqual([
    {
      kind: "path",
      path: "/etc/kubernetes/manifests",
      how: "running kubelet (pid 812): staticPodPath in /var/lib/kubelet/config.yaml",
    },
    { kind: "path", path: "/srv/pods", how: "running kubelet (pid 813): --pod-manifest-path" },
  ]);
});

test("the runner's configuration under the root is named when it does not run", async () => {
  const [source] = await find({
    "/var/lib/slipway/runner.yaml": "staticPodPath: /etc/kubernetes/manifests\n",
  });
  expect(source).toMatchObject({
    path: "/etc/kubernetes/manifests",
    how: expect.stringContaining("slipway runner"),
  });
});

test("a configuration that may not be read is told", async () => {
  const rootDir = createTempTree({ "/proc": "dir/", "/var/lib/slipway/runner.yaml": "dir/" });
  await expect(findStaticPodPath(createFakeSystem({ rootDir }), { root: "/" })).rejects.toMatchObject({
    code: "SLIPWAY_FILE_ACCESS",
  });
});

test("what a runner was started with last is known while it does not run; a file that is none says nothing", async () => {
  const file = "/var/lib/slipway/runner-flags.json";
  const words = [
    "--pod-manifest-path=/srv/pods",
    "--manifest-url=https://user:password@host/pods",
    "--max-pods=5",
  ];
  expect(await find({ [file]: JSON.stringify(words) })).toEqual([
    { kind: "path", path: "/srv/pods", how: "slipway runner, as it was started last: --pod-manifest-path" },
    {
      kind: "url",
      url: "https://user:xxxxx@host/pods",
      how: "slipway runner, as it was started last: --manifest-url",
    },
  ]);
  for (const text of ["[", "{}", "", "null"]) expect(await find({ [file]: text })).toEqual([]);
});

test("a running kubelet whose configuration cannot be read is told where nothing else is known", async () => {
  const kubelet = { "/proc/9/cmdline": "kubelet\0--config=/conf\0", "/conf": "dir/" } as const;
  await expect(find(kubelet)).rejects.toMatchObject({
    code: "SLIPWAY_FILE_ACCESS",
    what: "cannot read /conf",
  });
  const [source] = await find({ ...kubelet, "/proc/10/cmdline": "kubelet\0--pod-manifest-path=/pods\0" });
  expect(source).toMatchObject({ path: "/pods" });
});
