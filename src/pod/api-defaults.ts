import { type Loose, objectOf, textOf } from "./loose.ts";

/**
 * What the API server fills in, by struct, before the pod as a whole is looked at.
 * Source: pkg/apis/core/v1/defaults.go SetDefaults_*, zz_generated.defaults.go.
 */
const FIELD_DEFAULTS: Readonly<Record<string, Loose>> = {
  PodSpec: {
    restartPolicy: "Always",
    dnsPolicy: "ClusterFirst",
    schedulerName: "default-scheduler",
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    enableServiceLinks: true,
  },
  Container: {
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    resources: {},
  },
  ContainerPort: { protocol: "TCP" },
  Probe: { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
  HTTPGetAction: { path: "/", scheme: "HTTP" },
  GRPCAction: { service: "" },
  ObjectFieldSelector: { apiVersion: "v1" },
  ResourceFieldSelector: { divisor: "0" },
  FileKeySelector: { optional: false },
  HostPathVolumeSource: { type: "" },
  DownwardAPIVolumeSource: { defaultMode: 0o644 },
  ProjectedVolumeSource: { defaultMode: 0o644 },
  ISCSIVolumeSource: { iscsiInterface: "default" },
  AzureDiskVolumeSource: { cachingMode: "ReadWrite", fsType: "ext4", kind: "Shared", readOnly: false },
};

/** A struct's value with its own defaults. */
export function defaultStruct(struct: string, value: Loose): Loose {
  const complete = { ...FIELD_DEFAULTS[struct], ...value };
  if (struct === "Container") return { imagePullPolicy: pullPolicyOf(value["image"]), ...complete };
  if (struct === "ImageVolumeSource") return { pullPolicy: pullPolicyOf(value["reference"]), ...complete };
  if (struct === "Volume" && Object.keys(complete).every((key) => key === "name"))
    return { ...complete, emptyDir: {} };
  return complete;
}

/** Source: distribution/reference, grammar of a reference; the letters that a tag and a digest may have. */
const IMAGE =
  /^([A-Za-z0-9.-]+(:\d+)?\/)?[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*(:(?<tag>\w[\w.-]{0,127}))?(?<digest>@\S+)?$/;

/** Always when the tag is `latest` or absent, without a digest. Source: defaults.go SetDefaults_Container. */
function pullPolicyOf(image: unknown): string {
  const parts = IMAGE.exec(textOf(image))?.groups;
  if (parts === undefined || parts["digest"] !== undefined) return "IfNotPresent";
  return (parts["tag"] ?? "latest") === "latest" ? "Always" : "IfNotPresent";
}

/**
 * A pod with the defaults that need more than one of its fields. Source: defaults.go SetDefaults_Pod,
 * SetDefaults_PodSpec (serviceAccount).
 */
export function defaultWholePod(pod: Loose): Loose {
  const spec = objectOf(pod["spec"]);
  const { containers, initContainers, terminationGracePeriodSeconds: grace, serviceAccount } = spec;
  const complete = (list: unknown): unknown =>
    Array.isArray(list) ? list.map((item) => completeContainer(objectOf(item), spec)) : list;
  const account = spec["serviceAccountName"] ?? serviceAccount;
  return {
    ...pod,
    spec: {
      ...spec,
      ...(typeof grace === "number" && grace < 0 ? { terminationGracePeriodSeconds: 1 } : {}),
      ...(account === undefined ? {} : { serviceAccountName: account, serviceAccount: account }),
      containers: complete(containers),
      ...(initContainers === undefined ? {} : { initContainers: complete(initContainers) }),
    },
  };
}

/** Requests follow limits; on the host network the host's port is the container's. */
function completeContainer(container: Loose, spec: Loose): Loose {
  const resources = objectOf(container["resources"]);
  const { limits, requests } = resources;
  const { ports } = container;
  return {
    ...container,
    ...(limits === undefined
      ? {}
      : { resources: { ...resources, requests: { ...objectOf(limits), ...objectOf(requests) } } }),
    ...(spec["hostNetwork"] === true && Array.isArray(ports)
      ? { ports: ports.map((port) => ({ hostPort: objectOf(port)["containerPort"], ...objectOf(port) })) }
      : {}),
  };
}
