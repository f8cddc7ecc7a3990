import { isDnsLabel, isPortName } from "../core/names.ts";
import type { Container, PodSpec, Volume, VolumeMount } from "./types.ts";
import { type Problem, validateHandlers } from "./validate-probe.ts";

/** Problems of the containers of a pod, each and together. Source: validation.go validateContainers. */
export function validateContainers(spec: PodSpec): readonly Problem[] {
  const init = spec.initContainers ?? [];
  const all = [...init, ...spec.containers];
  return [
    ...(spec.containers.length === 0 ? ["spec.containers: at least one is needed"] : []),
    ...repeated(all.map((container) => container.name)).map(
      (name) => `spec.containers: the name ${name} is used twice`,
    ),
    ...init.flatMap((container, index) => [
      ...validateContainer(container, { path: `spec.initContainers[${index}]`, spec }),
      ...validateInit(container, `spec.initContainers[${index}]`),
    ]),
    ...spec.containers.flatMap((container, index) =>
      validateContainer(container, { path: `spec.containers[${index}]`, spec }),
    ),
    ...validateHostPorts(spec.containers),
  ];
}

function validateContainer(
  container: Container,
  place: { readonly path: string; readonly spec: PodSpec },
): readonly Problem[] {
  const { path, spec } = place;
  const { image, name } = container;
  return [
    ...(isDnsLabel(name)
      ? []
      : [`${path}.name: ${JSON.stringify(name)} is not a DNS label (lower-case letters, digits, dashes)`]),
    ...(image === "" ? [`${path}.image: it is required`] : []),
    ...(image === image.trim() ? [] : [`${path}.image: it may not start or end with a blank`]),
    ...validatePorts(container, place),
    ...validateMounts(container, { path, volumes: spec.volumes ?? [] }),
    ...validateHandlers(container, path),
    ...validateSecurity(container, path),
    ...validateRules(container, path),
  ];
}

/** An init container that ends has no probes and no hooks; one that stays (a sidecar) may have them. */
function validateInit(container: Container, path: string): readonly Problem[] {
  if (container.restartPolicy === "Always") return [];
  const fields = ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle"] as const;
  return fields
    .filter((field) => container[field] !== undefined)
    .map((field) => `${path}.${field}: an init container without restartPolicy Always may not have it`);
}

function validatePorts(
  container: Container,
  place: { readonly path: string; readonly spec: PodSpec },
): readonly Problem[] {
  const ports = container.ports ?? [];
  const names = ports.flatMap((port) => (port.name === undefined ? [] : [port.name]));
  return [
    ...repeated(names).map((name) => `${place.path}.ports: the name ${name} is used twice`),
    ...ports.flatMap((port, index) => {
      const path = `${place.path}.ports[${index}]`;
      const { containerPort, hostPort, name } = port;
      return [
        ...(name === undefined || isPortName(name) ? [] : [`${path}.name: ${name} is not a port's name`]),
        ...(inRange(containerPort)
          ? []
          : [`${path}.containerPort: ${containerPort} is not within 1 to 65535`]),
        ...(hostPort === undefined || hostPort === 0 || inRange(hostPort)
          ? []
          : [`${path}.hostPort: ${hostPort} is not within 1 to 65535`]),
        ...(place.spec.hostNetwork === true && hostPort !== containerPort
          ? [`${path}.containerPort: it must equal hostPort with hostNetwork: true`]
          : []),
      ];
    }),
  ];
}

function validateHostPorts(containers: readonly Container[]): readonly Problem[] {
  const used = containers.flatMap((container) =>
    (container.ports ?? [])
      .filter((port) => port.hostPort !== undefined && port.hostPort !== 0)
      .map((port) => `${port.protocol} ${port.hostIP ?? ""}:${port.hostPort}`),
  );
  return repeated(used).map(
    (port) => `spec.containers: the host port ${port.replace(" :", " ")} is used twice`,
  );
}

function validateMounts(
  container: Container,
  place: { readonly path: string; readonly volumes: readonly Volume[] },
): readonly Problem[] {
  const mounts = container.volumeMounts ?? [];
  const known = place.volumes.map((volume) => volume.name);
  return [
    ...repeated(mounts.map((mount) => mount.mountPath)).map(
      (mountPath) => `${place.path}.volumeMounts: ${mountPath} is mounted on twice`,
    ),
    ...mounts.flatMap((mount, index) => {
      const path = `${place.path}.volumeMounts[${index}]`;
      return [
        ...(known.includes(mount.name)
          ? []
          : [`${path}.name: there is no volume ${JSON.stringify(mount.name)}`]),
        ...(mount.mountPath === "" ? [`${path}.mountPath: it is required`] : []),
        ...validateSubPath(mount, path),
        ...(mount.mountPropagation === "Bidirectional" && container.securityContext?.privileged !== true
          ? [`${path}.mountPropagation: Bidirectional needs a privileged container`]
          : []),
      ];
    }),
  ];
}

function validateSubPath(mount: VolumeMount, path: string): readonly Problem[] {
  const { subPath = "", subPathExpr = "" } = mount;
  if (subPath !== "" && subPathExpr !== "")
    return [`${path}: only one of subPath and subPathExpr may be set`];
  const used = subPath === "" ? subPathExpr : subPath;
  if (!used.startsWith("/") && !used.split("/").includes("..")) return [];
  return [`${path}.subPath: it must be relative and may not hold ..`];
}

function validateSecurity(container: Container, path: string): readonly Problem[] {
  const security = container.securityContext;
  if (security?.allowPrivilegeEscalation !== false) return [];
  const admin = (security.capabilities?.add ?? []).some(
    (name) => name === "SYS_ADMIN" || name === "CAP_SYS_ADMIN",
  );
  if (security.privileged !== true && !admin) return [];
  return [
    `${path}.securityContext.allowPrivilegeEscalation: false does not go with privileged or CAP_SYS_ADMIN`,
  ];
}

function validateRules(container: Container, path: string): readonly Problem[] {
  const rules = container.restartPolicyRules ?? [];
  return [
    ...(rules.length > 20 ? [`${path}.restartPolicyRules: at most 20 are allowed`] : []),
    ...(rules.length > 0 && container.restartPolicy === undefined
      ? [`${path}.restartPolicyRules: they need a restartPolicy of the container`]
      : []),
    ...rules.flatMap((rule, index) =>
      rule.exitCodes === undefined ? [`${path}.restartPolicyRules[${index}].exitCodes: it is required`] : [],
    ),
  ];
}

function inRange(port: number): boolean {
  return port >= 1 && port <= 65_535;
}

function repeated(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
