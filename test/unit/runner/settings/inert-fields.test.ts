import { expect, test } from "vitest";
import { findInertFields } from "../../../../src/runner/settings/inert-fields.ts";
import { buildPod } from "../../../support/build-pod.ts";

const ROOT = { uid: 0, canMount: true, clusterDNS: [] };
const COMPONENT = "registry.k8s.io/etcd:3.7.0-0";
const PROFILE = { type: "RuntimeDefault" };

function fieldsOf(
  change: { readonly spec?: object; readonly container?: object },
  user = ROOT,
): readonly string[] {
  const spec = { hostNetwork: true, ...change.spec };
  return findInertFields(buildPod({ spec, container: { ...change.container } }), user).map(
    ({ field }) => field,
  );
}

test("a pod of which every field acts has none", () => {
  const container = {
    resources: { limits: { cpu: "1", memory: "1Gi" } },
    securityContext: { privileged: true, readOnlyRootFilesystem: true, runAsUser: 7 },
    ports: [{ containerPort: 80 }],
  };
  const securityContext = { seccompProfile: { type: "Unconfined" }, fsGroup: 7 };
  expect(fieldsOf({ spec: { securityContext }, container })).toEqual([]);
});

test.each([
  ["spec.hostNetwork: false", { hostNetwork: false }],
  ["spec.hostname", { hostname: "web" }],
  ["spec.subdomain", { subdomain: "web" }],
  ["spec.setHostnameAsFQDN", { setHostnameAsFQDN: true }],
  ["spec.dnsPolicy: ClusterFirstWithHostNet", { dnsPolicy: "ClusterFirstWithHostNet" }],
  ["spec.shareProcessNamespace", { shareProcessNamespace: true }],
  ["spec.runtimeClassName", { runtimeClassName: "gvisor" }],
  ["spec.securityContext.seccompProfile", { securityContext: { seccompProfile: PROFILE } }],
  ["spec.securityContext.appArmorProfile", { securityContext: { appArmorProfile: PROFILE } }],
  ["spec.securityContext.seLinuxOptions", { securityContext: { seLinuxOptions: { level: "s0" } } }],
  [
    "spec.securityContext.sysctls",
    { hostNetwork: false, securityContext: { sysctls: [{ name: "net.ipv4.tcp_syncookies", value: "1" }] } },
  ],
  ["emptyDir.sizeLimit of a volume on disk", { volumes: [{ name: "x", emptyDir: { sizeLimit: "1Mi" } }] }],
])("%s of a pod is told", (field, spec) => {
  expect(fieldsOf({ spec })).toContain(field);
});

test.each([
  ["securityContext.seccompProfile", { securityContext: { seccompProfile: PROFILE } }],
  ["securityContext.appArmorProfile", { securityContext: { appArmorProfile: PROFILE } }],
  ["securityContext.seLinuxOptions", { securityContext: { seLinuxOptions: { level: "s0" } } }],
  ["resources beside cpu and memory", { resources: { limits: { "hugepages-2Mi": "2Mi", memory: "1Gi" } } }],
  ["resizePolicy", { resizePolicy: [{ resourceName: "cpu", restartPolicy: "NotRequired" }] }],
])("%s of a container is told", (field, container) => {
  expect(fieldsOf({ container })).toEqual([field]);
});

test("a stop signal of a container's own is told", () => {
  const container = { lifecycle: { stopSignal: "SIGUSR1" } };
  expect(fieldsOf({ spec: { os: { name: "linux" } }, container })).toEqual(["lifecycle.stopSignal"]);
});

test("the cluster's DNS is asked where it is known and root's runner can show it", () => {
  const pod = buildPod({ spec: { hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" } });
  const clusterDNS = ["10.96.0.10"];
  const whyOf = (runner: Parameters<typeof findInertFields>[1]) =>
    findInertFields(pod, runner).map(({ why }) => why);
  expect(whyOf({ ...ROOT, clusterDNS })).toEqual([]);
  expect(whyOf(ROOT)).toEqual([expect.stringContaining("names no clusterDNS")]);
  for (const uid of [0, 1000])
    expect(whyOf({ uid, canMount: false, clusterDNS })).toEqual([
      "only root with CAP_SYS_ADMIN can mount, so names are looked up as on the machine",
    ]);
});

test("a container whose mounts reach the machine does not ask the cluster's DNS, and that is told", () => {
  const spec = { hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" };
  const mount = { name: "x", mountPath: "/x", mountPropagation: "Bidirectional" };
  const shared = buildPod({
    spec: { ...spec, volumes: [{ name: "x", hostPath: { path: "/x" } }] },
    container: { volumeMounts: [mount], securityContext: { privileged: true } },
  });
  expect(findInertFields(shared, { ...ROOT, clusterDNS: ["10.96.0.10"] })).toEqual([
    {
      field: "spec.dnsPolicy: ClusterFirstWithHostNet",
      why: expect.stringContaining("Bidirectional mounts has the machine's own files"),
    },
  ]);
});

test("procMount is told where it asks for more than a runtime's default", () => {
  const container = { securityContext: { procMount: "Unmasked" } };
  const spec = { hostNetwork: false, hostUsers: false };
  expect(fieldsOf({ spec, container })).toEqual([
    ...["spec.hostNetwork: false", "spec.hostUsers: false", "securityContext.procMount"],
  ]);
});

test("a port of the machine that is not the container's own is told, for no port is mapped", () => {
  const container = { ports: [{ containerPort: 80, hostPort: 8080 }] };
  expect(fieldsOf({ spec: { hostNetwork: false }, container })).toContain("ports.hostPort");
});

test("a read-only mount of a component is told, and of an ordinary user's runner what only root can do", () => {
  const spec = { volumes: [{ name: "x", hostPath: { path: "/x" } }] };
  const mount = { volumeMounts: [{ name: "x", mountPath: "/x", readOnly: true }] };
  expect(fieldsOf({ spec, container: { image: COMPONENT, ...mount } })).toEqual(["volumeMounts.readOnly"]);
  expect(fieldsOf({ spec, container: mount })).toEqual([]);
  const securityContext = { privileged: true, capabilities: { drop: ["ALL"] } };
  const container = { ...mount, securityContext, terminationMessagePath: "/tmp/message" };
  expect(fieldsOf({ spec, container })).toEqual([]);
  expect(fieldsOf({ spec, container }, { ...ROOT, uid: 1000 })).toEqual([
    ...["volumeMounts.readOnly", "terminationMessagePath"],
    ...["securityContext.capabilities", "securityContext.privileged"],
  ]);
});
