import type { RawContainer, RawHttpGet, RawPod, RawProbe, RawVolume } from "./pod-schema.ts";
import type { Container, Handler, HttpGetAction, PodManifest, Probe, Resources, Volume } from "./types.ts";

/**
 * A pod with the defaults that the API server gives at creation, as far as a runner or the pod's hash sees them.
 * Source: pkg/apis/core/v1/defaults.go.
 */
export function defaultManifest(raw: RawPod): PodManifest {
  const { status: _status, ...pod } = raw;
  const hostNetwork = raw.spec.hostNetwork === true;
  const grace = raw.spec.terminationGracePeriodSeconds ?? 30;
  const { initContainers, volumes, containers, ...spec } = raw.spec;
  return {
    ...pod,
    spec: {
      restartPolicy: "Always",
      dnsPolicy: "ClusterFirst",
      schedulerName: "default-scheduler",
      securityContext: {},
      enableServiceLinks: true,
      ...spec,
      terminationGracePeriodSeconds: grace < 0 ? 1 : grace,
      containers: containers.map((container) => defaultContainer(container, { hostNetwork })),
      ...(initContainers === undefined
        ? {}
        : {
            initContainers: initContainers.map((container) => defaultContainer(container, { hostNetwork })),
          }),
      ...(volumes === undefined ? {} : { volumes: volumes.map(defaultVolume) }),
    },
  };
}

function defaultContainer(raw: RawContainer, pod: { readonly hostNetwork: boolean }): Container {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle, ports, env, resources, ...rest } = raw;
  const image = raw.image ?? "";
  return {
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: isFloating(image) ? "Always" : "IfNotPresent",
    ...rest,
    image,
    resources: defaultResources(resources ?? {}),
    ...(ports === undefined
      ? {}
      : {
          ports: ports.map((port) => ({
            protocol: "TCP" as const,
            ...(pod.hostNetwork ? { hostPort: port.containerPort } : {}),
            ...port,
          })),
        }),
    ...(env === undefined ? {} : { env: env.map(defaultEnvVar) }),
    ...(livenessProbe === undefined ? {} : { livenessProbe: defaultProbe(livenessProbe) }),
    ...(readinessProbe === undefined ? {} : { readinessProbe: defaultProbe(readinessProbe) }),
    ...(startupProbe === undefined ? {} : { startupProbe: defaultProbe(startupProbe) }),
    ...(lifecycle === undefined ? {} : { lifecycle: defaultLifecycle(lifecycle) }),
  };
}

/** Whether an image's tag is `latest` or absent, without a digest. Source: defaults.go SetDefaults_Container. */
function isFloating(image: string): boolean {
  if (image.includes("@")) return false;
  const tag = /:([^/]*)$/.exec(image)?.[1];
  return tag === undefined || tag === "latest";
}

function defaultResources(raw: NonNullable<RawContainer["resources"]>): Resources {
  const { requests, limits, ...rest } = raw;
  if (requests === undefined && limits === undefined) return rest;
  const merged = { ...toText(limits ?? {}), ...toText(requests ?? {}) };
  return { ...rest, requests: merged, ...(limits === undefined ? {} : { limits: toText(limits) }) };
}

function toText(quantities: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(quantities).map(([name, value]) => [name, String(value)]));
}

function defaultEnvVar(raw: NonNullable<RawContainer["env"]>[number]): NonNullable<Container["env"]>[number] {
  const { valueFrom, ...rest } = raw;
  if (valueFrom === undefined) return rest;
  const { fieldRef, resourceFieldRef, ...others } = valueFrom;
  return {
    ...rest,
    valueFrom: {
      ...others,
      ...(fieldRef === undefined ? {} : { fieldRef: { apiVersion: "v1", ...fieldRef } }),
      ...(resourceFieldRef === undefined
        ? {}
        : { resourceFieldRef: { ...resourceFieldRef, divisor: String(resourceFieldRef.divisor ?? "0") } }),
    },
  };
}

function defaultProbe(raw: RawProbe): Probe {
  const { grpc, httpGet, ...rest } = raw;
  const withDefaults = {
    periodSeconds: 10,
    timeoutSeconds: 1,
    successThreshold: 1,
    failureThreshold: 3,
    ...rest,
  };
  return {
    ...withDefaults,
    periodSeconds: withDefaults.periodSeconds === 0 ? 10 : withDefaults.periodSeconds,
    timeoutSeconds: withDefaults.timeoutSeconds === 0 ? 1 : withDefaults.timeoutSeconds,
    successThreshold: withDefaults.successThreshold === 0 ? 1 : withDefaults.successThreshold,
    failureThreshold: withDefaults.failureThreshold === 0 ? 3 : withDefaults.failureThreshold,
    ...(httpGet === undefined ? {} : { httpGet: defaultHttpGet(httpGet) }),
    ...(grpc === undefined ? {} : { grpc: { service: "", ...grpc } }),
  };
}

function defaultHttpGet(raw: RawHttpGet): HttpGetAction {
  const { path, ...rest } = raw;
  return { scheme: "HTTP", ...rest, path: path === undefined || path === "" ? "/" : path };
}

function defaultLifecycle(raw: NonNullable<RawContainer["lifecycle"]>): NonNullable<Container["lifecycle"]> {
  const { postStart, preStop, ...rest } = raw;
  return {
    ...rest,
    ...(postStart === undefined ? {} : { postStart: defaultHandler(postStart) }),
    ...(preStop === undefined ? {} : { preStop: defaultHandler(preStop) }),
  };
}

function defaultHandler(raw: Omit<Handler, "httpGet"> & { readonly httpGet?: RawHttpGet }): Handler {
  const { httpGet, ...rest } = raw;
  return httpGet === undefined ? rest : { ...rest, httpGet: defaultHttpGet(httpGet) };
}

function defaultVolume(raw: RawVolume): Volume {
  const { emptyDir, hostPath, ...rest } = raw;
  if (Object.keys(raw).every((key) => key === "name")) return { ...rest, emptyDir: {} };
  const sizeLimit = emptyDir?.sizeLimit;
  return {
    ...rest,
    ...(hostPath === undefined ? {} : { hostPath: { type: "", ...hostPath } }),
    ...(emptyDir === undefined
      ? {}
      : {
          emptyDir: {
            ...withoutSize(emptyDir),
            ...(sizeLimit === undefined ? {} : { sizeLimit: String(sizeLimit) }),
          },
        }),
  };
}

function withoutSize(emptyDir: NonNullable<RawVolume["emptyDir"]>): { readonly medium?: string } {
  const { sizeLimit: _sizeLimit, ...rest } = emptyDir;
  return rest;
}
