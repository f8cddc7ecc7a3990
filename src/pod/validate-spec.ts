import { parseIpAddress } from "../core/cidr.ts";
import { isLabelValue, isQualifiedName } from "../core/names.ts";
import { type Loose, numberOf, objectOf, objectsOf, textOf, textsOf } from "./loose.ts";
import {
  type PodProblem,
  problem,
  requireDnsLabel,
  requireDnsName,
  requireOneOf,
  requireRange,
  requireText,
  unless,
} from "./pod-problem.ts";
import { validatePodResources } from "./validate-resources.ts";
import { validatePodSecurity } from "./validate-security.ts";

const MAX_INT32 = 2_147_483_647;
/** The fields that have to be DNS names if they are there. */
const NAMES = ["priorityClassName", "runtimeClassName", "serviceAccountName"];
const EFFECTS = ["", "NoSchedule", "PreferNoSchedule", "NoExecute"];

/** Problems of the spec outside of containers and volumes. Source: validation.go ValidatePodSpec. */
export function validateSpec(spec: Loose): readonly PodProblem[] {
  const choice = (name: string, known: readonly string[]): readonly PodProblem[] =>
    spec[name] === undefined ? [] : requireOneOf(textOf(spec[name]), `spec.${name}`, known);
  return [
    ...unless(
      spec["ephemeralContainers"] === undefined,
      "spec.ephemeralContainers",
      "a static pod cannot have them",
    ),
    ...unless(
      spec["schedulingGates"] === undefined,
      "spec.schedulingGates",
      "a static pod is bound to its node",
    ),
    ...choice("restartPolicy", ["Always", "OnFailure", "Never"]),
    ...choice("dnsPolicy", ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"]),
    ...choice("preemptionPolicy", ["PreemptLowerPriority", "Never"]),
    ...requireRange(numberOf(spec["activeDeadlineSeconds"]), "spec.activeDeadlineSeconds", [1, MAX_INT32]),
    ...["hostname", "subdomain"].flatMap((name) =>
      textOf(spec[name]) === "" ? [] : requireDnsLabel(textOf(spec[name]), `spec.${name}`),
    ),
    ...NAMES.flatMap((name) =>
      spec[name] === undefined ? [] : requireDnsName(textOf(spec[name]), `spec.${name}`),
    ),
    ...Object.entries(objectOf(spec["nodeSelector"])).flatMap(([key, value]) =>
      unless(
        isQualifiedName(key) && isLabelValue(textOf(value)),
        "spec.nodeSelector",
        `${key}=${textOf(value)} is not a label`,
      ),
    ),
    ...objectsOf(spec["readinessGates"]).flatMap(({ conditionType }, index) =>
      unless(
        isQualifiedName(textOf(conditionType)),
        `spec.readinessGates[${index}].conditionType`,
        "it is not a condition's name",
      ),
    ),
    ...validateNamespaces(spec),
    ...validateDns(spec),
    ...validateAliases(spec),
    ...objectsOf(spec["tolerations"]).flatMap((entry, index) =>
      validateToleration(entry, `spec.tolerations[${index}]`),
    ),
    ...validatePodSecurity(objectOf(spec["securityContext"]), spec),
    ...validatePodResources(objectOf(spec["resources"])),
    ...validateOs(spec),
  ];
}

/** Source: validation.go validateHostUsers, validateShareProcessNamespace, validatePodHostName. */
function validateNamespaces(spec: Loose): readonly PodProblem[] {
  const { hostnameOverride } = spec;
  const shared = ["hostNetwork", "hostPID", "hostIPC"].filter((name) => spec[name] === true);
  const name = textOf(hostnameOverride);
  return [
    ...(spec["hostUsers"] === false
      ? shared.map((field) => problem(`spec.${field}`, "it does not go with hostUsers: false"))
      : []),
    ...unless(
      spec["shareProcessNamespace"] !== true || spec["hostPID"] !== true,
      "spec.shareProcessNamespace",
      "it does not go with hostPID",
    ),
    ...(hostnameOverride === undefined
      ? []
      : [
          ...requireDnsName(name, "spec.hostnameOverride"),
          ...unless(name.length <= 64, "spec.hostnameOverride", "it is longer than 64"),
          ...unless(
            spec["hostNetwork"] !== true && spec["setHostnameAsFQDN"] !== true,
            "spec.hostnameOverride",
            "it does not go with hostNetwork or setHostnameAsFQDN",
          ),
        ]),
  ];
}

/** Source: validation.go validatePodDNSConfig. */
function validateDns(spec: Loose): readonly PodProblem[] {
  const config = objectOf(spec["dnsConfig"]);
  const path = "spec.dnsConfig";
  const servers = textsOf(config["nameservers"]);
  const searches = textsOf(config["searches"]);
  return [
    ...unless(
      spec["dnsPolicy"] !== "None" || servers.length > 0,
      spec["dnsConfig"] === undefined ? path : `${path}.nameservers`,
      "dnsPolicy None needs a nameserver",
    ),
    ...unless(servers.length <= 3, `${path}.nameservers`, "at most 3 are allowed"),
    ...servers.flatMap((server, index) => requireIp(server, `${path}.nameservers[${index}]`)),
    ...unless(
      searches.length <= 32 && searches.join(" ").length <= 2048,
      `${path}.searches`,
      "they are too many",
    ),
    ...searches.flatMap((search, index) =>
      search === "."
        ? []
        : requireDnsName(search.replace(/\.$/, "").replaceAll("_", "-"), `${path}.searches[${index}]`),
    ),
    ...objectsOf(config["options"]).flatMap((option, index) =>
      requireText(textOf(option["name"]), `${path}.options[${index}].name`),
    ),
  ];
}

/** Source: validation.go ValidateHostAliases. */
function validateAliases(spec: Loose): readonly PodProblem[] {
  return objectsOf(spec["hostAliases"]).flatMap((alias, index) => {
    const path = `spec.hostAliases[${index}]`;
    return [
      ...requireIp(textOf(alias["ip"]), `${path}.ip`),
      ...textsOf(alias["hostnames"]).flatMap((name, at) => requireDnsName(name, `${path}.hostnames[${at}]`)),
    ];
  });
}

/** Source: validation.go IsValidIPForLegacyField. */
function requireIp(text: string, path: string): readonly PodProblem[] {
  return unless(parseIpAddress(text) !== undefined, path, `${JSON.stringify(text)} is not an IP address`);
}

/** Source: validation.go ValidateTolerations. */
function validateToleration(toleration: Loose, path: string): readonly PodProblem[] {
  const key = textOf(toleration["key"]);
  const operator = textOf(toleration["operator"]);
  const value = textOf(toleration["value"]);
  const effect = textOf(toleration["effect"]);
  return [
    ...unless(key === "" || isQualifiedName(key), `${path}.key`, `${JSON.stringify(key)} is not a key`),
    ...unless(key !== "" || operator === "Exists", `${path}.operator`, "without a key it must be Exists"),
    ...requireOneOf(operator, `${path}.operator`, ["", "Equal", "Exists"]),
    ...unless(operator !== "Exists" || value === "", `${path}.value`, "it does not go with Exists"),
    ...unless(operator === "Exists" || isLabelValue(value), `${path}.value`, "it is not a label's value"),
    ...requireOneOf(effect, `${path}.effect`, EFFECTS),
    ...unless(
      toleration["tolerationSeconds"] === undefined || effect === "NoExecute",
      `${path}.effect`,
      "tolerationSeconds need NoExecute",
    ),
  ];
}

/** Source: validation.go validateOS, validateLinux. */
function validateOs(spec: Loose): readonly PodProblem[] {
  if (spec["os"] === undefined) return [];
  return requireOneOf(textOf(objectOf(spec["os"])["name"]), "spec.os.name", ["linux", "windows"]);
}
