import { beforeEach, expect, test } from "vitest";
import { prepareMounts } from "../../../../src/runner/volumes/prepare-mounts.ts";
import { buildPod } from "../../../support/build-pod.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

let root: string;
beforeEach(() => {
  root = createTempTree({ "data/x": "" });
});

function prepare(
  volumeMount: Readonly<Record<string, unknown>>,
  options: {
    readonly uid?: number;
    readonly canMount?: boolean;
    readonly volume?: object;
    readonly container?: object;
    readonly spec?: object;
  } = {},
) {
  const volume = options.volume ?? { hostPath: { path: `${root}/data` } };
  const pod = buildPod({
    spec: { ...options.spec, volumes: [{ name: "v", ...volume }] },
    container: { volumeMounts: [{ name: "v", ...volumeMount }], ...options.container },
  });
  const [container] = pod.spec.containers;
  if (container === undefined) throw new Error("no container");
  const system = createFakeSystem({ host: { uid: options.uid ?? 0 } });
  const dns = { clusterDNS: ["10.96.0.10"], clusterDomain: "cluster.local" };
  const { uid = 0, canMount = uid === 0 } = options;
  const env = { EMPTY: "", A: "a" };
  return prepareMounts(system, { pod, container, podsDir: `${root}/pods`, env, dns, canMount });
}

test("a projection is always read-only, and recursively when that is asked for", async () => {
  const volume = { downwardAPI: { items: [] } };
  expect(await prepare({ mountPath: "/info" }, { volume })).toMatchObject({ mounts: [{ readOnly: true }] });
  expect(
    await prepare({ mountPath: "/info", readOnly: true, recursiveReadOnly: "Enabled" }, { volume }),
  ).toMatchObject({
    mounts: [{ containerPath: "/info", readOnly: true, recursiveReadOnly: true }],
  });
});

test("a variable that subPathExpr needs and does not get is told in the kubelet's words", async () => {
  expect(await prepare({ mountPath: "/data", subPathExpr: "$(NONE)/$(EMPTY)/$(A)" })).toEqual({
    kind: "problem",
    message: "missing value for EMPTY, NONE",
  });
});

test("nothing is mounted at the machine's root", async () => {
  expect(await prepare({ mountPath: "/./" })).toEqual({
    kind: "problem",
    message: "volume v cannot be mounted at /: it is the machine's own root",
  });
});

test("an ordinary user's runner mounts nothing: the same path is seen anyway, another one is refused", async () => {
  const same = await prepare({ mountPath: `${root}/data`, readOnly: true }, { uid: 1000 });
  expect(same).toMatchObject({ kind: "mounts", mounts: [{ readOnly: false }] });
  expect(await prepare({ mountPath: "/data" }, { uid: 1000 })).toEqual({
    kind: "problem",
    message:
      "nothing can be mounted at /data: this runner is user 1000, and only root's can mount; " +
      "a hostPath at the same path on both sides works, or run the runner as root",
  });
});

test("Bidirectional propagation is asked for at the machine's own paths and elsewhere", async () => {
  const mount = { mountPropagation: "Bidirectional" };
  const container = { securityContext: { privileged: true } };
  for (const mountPath of [`${root}/data`, "/data"]) {
    expect(await prepare({ ...mount, mountPath }, { container })).toMatchObject({
      kind: "mounts",
      mounts: [{ containerPath: mountPath, propagation: "bidirectional" }],
    });
  }
});

test("the cluster's DNS is shown, but where nothing can be mounted or what is mounted reaches the machine", async () => {
  const spec = { hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" };
  const container = { securityContext: { privileged: true } };
  const own = { hostPath: `${root}/data` };
  const mount = { mountPath: `${root}/data` };
  expect(await prepare(mount, { spec })).toMatchObject({
    mounts: [own, { containerPath: "/etc/resolv.conf" }],
  });
  expect(await prepare(mount, { spec, canMount: false })).toMatchObject({ mounts: [own] });
  const shared = await prepare({ ...mount, mountPropagation: "Bidirectional" }, { spec, container });
  expect(shared).toMatchObject({ kind: "mounts", mounts: [own] });
});
