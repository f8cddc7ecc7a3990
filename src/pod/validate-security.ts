import { type Loose, numberOf, objectOf, objectsOf, textOf, textsOf } from "./loose.ts";
import {
  type PodProblem,
  requireOneOf,
  requireRange,
  requireRelative,
  requireText,
  unless,
} from "./pod-problem.ts";

/** Source: apimachinery validation IsValidUserID, IsValidGroupID. */
const IDS = [0, 2_147_483_647] as const;
const PROFILES = ["Localhost", "RuntimeDefault", "Unconfined"];
/** Source: validation.go SysctlContainSlashFmt. */
const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;

/** Problems of a container's securityContext. Source: validation.go ValidateSecurityContext. */
export function validateSecurityContext(
  security: Loose,
  place: { readonly path: string; readonly hostUsers: boolean },
): readonly PodProblem[] {
  const { path, hostUsers } = place;
  const { privileged, allowPrivilegeEscalation, procMount } = security;
  const isAdmin = textsOf(objectOf(security["capabilities"])["add"]).includes("CAP_SYS_ADMIN");
  return [
    ...validateIds(security, path),
    ...validateProfiles(security, path),
    ...unless(
      allowPrivilegeEscalation !== false || (privileged !== true && !isAdmin),
      `${path}.allowPrivilegeEscalation`,
      "false does not go with privileged or CAP_SYS_ADMIN",
    ),
    ...(procMount === undefined
      ? []
      : requireOneOf(textOf(procMount), `${path}.procMount`, ["Default", "Unmasked"])),
    ...unless(procMount !== "Unmasked" || !hostUsers, `${path}.procMount`, "Unmasked needs hostUsers: false"),
  ];
}

/** Problems of the pod's securityContext. Source: validation.go validatePodSpecSecurityContext, validateSysctls. */
export function validatePodSecurity(security: Loose, spec: Loose): readonly PodProblem[] {
  const path = "spec.securityContext";
  const groups = Array.isArray(security["supplementalGroups"]) ? security["supplementalGroups"] : [];
  const choices: Readonly<Record<string, readonly string[]>> = {
    fsGroupChangePolicy: ["OnRootMismatch", "Always"],
    supplementalGroupsPolicy: ["Merge", "Strict"],
    seLinuxChangePolicy: ["Recursive", "MountOption"],
  };
  return [
    ...validateIds(security, path),
    ...requireRange(numberOf(security["fsGroup"]), `${path}.fsGroup`, IDS),
    ...groups.flatMap((group, index) =>
      requireRange(numberOf(group), `${path}.supplementalGroups[${index}]`, IDS),
    ),
    ...validateProfiles(security, path),
    ...Object.entries(choices).flatMap(([name, known]) =>
      security[name] === undefined ? [] : requireOneOf(textOf(security[name]), `${path}.${name}`, known),
    ),
    ...objectsOf(security["sysctls"]).flatMap((sysctl, index, all) => {
      const own = `${path}.sysctls[${index}].name`;
      const name = textOf(sysctl["name"]);
      const namespace = namespaceOf(name);
      const isHosts =
        (namespace === "network" && spec["hostNetwork"] === true) ||
        (namespace === "ipc" && spec["hostIPC"] === true);
      return [
        ...unless(
          name.length <= 253 && SYSCTL.test(name),
          own,
          `${JSON.stringify(name)} is not a sysctl's name`,
        ),
        ...unless(all.findIndex((other) => other["name"] === name) === index, own, "it is set twice"),
        ...unless(!isHosts, own, `it is the machine's own, for the pod shares its ${namespace} namespace`),
      ];
    }),
  ];
}

/** Source: component-helpers node/util/sysctl namespace.go. */
function namespaceOf(sysctl: string): "network" | "ipc" | undefined {
  const name = sysctl.replaceAll("/", ".");
  if (name.startsWith("net.")) return "network";
  return /^(kernel\.(sem$|shm|msg)|fs\.mqueue\.)/.test(name) ? "ipc" : undefined;
}

function validateIds(security: Loose, path: string): readonly PodProblem[] {
  return ["runAsUser", "runAsGroup"].flatMap((name) =>
    requireRange(numberOf(security[name]), `${path}.${name}`, IDS),
  );
}

/** Source: validation.go validateSeccompProfileField, ValidateAppArmorProfileField. */
function validateProfiles(security: Loose, path: string): readonly PodProblem[] {
  return ["seccompProfile", "appArmorProfile"].flatMap((name) => {
    if (security[name] === undefined) return [];
    const { type, localhostProfile } = objectOf(security[name]);
    const own = `${path}.${name}`;
    const file = `${own}.localhostProfile`;
    if (type !== "Localhost") {
      return [
        ...requireOneOf(textOf(type), `${own}.type`, PROFILES),
        ...unless(localhostProfile === undefined, file, "it goes with the type Localhost only"),
      ];
    }
    const text = textOf(localhostProfile);
    if (name === "seccompProfile") {
      return [
        ...unless(localhostProfile !== undefined, file, "it is required"),
        ...requireRelative(text, file),
      ];
    }
    return [
      ...requireText(text, file),
      ...unless(text === text.trim() && text.length <= 4095, file, "it may not start or end with a blank"),
    ];
  });
}
