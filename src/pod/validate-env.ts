import { isQualifiedName } from "../core/names.ts";
import { type Loose, objectOf, objectsOf, textOf } from "./loose.ts";
import {
  type PodProblem,
  problem,
  requireDnsLabel,
  requireNoBacksteps,
  requireOneOf,
  requireText,
  unless,
} from "./pod-problem.ts";
import { parseQuantity } from "./quantity.ts";

/** Source: apimachinery validation IsRelaxedEnvVarName: printable ASCII, no equals sign. */
const NAME = /^[ -<>-~]+$/;

const ENV_FIELDS = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];
const VOLUME_FIELDS = [
  "metadata.name",
  "metadata.namespace",
  "metadata.labels",
  "metadata.annotations",
  "metadata.uid",
];
const RESOURCES = ["cpu", "memory", "ephemeral-storage"].flatMap((name) => [
  `limits.${name}`,
  `requests.${name}`,
]);
const SIZE_DIVISORS = ["", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].map(
  (unit) => `1${unit}`,
);
const SOURCES = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

/** Problems of a container's variables. Source: validation.go ValidateEnv, ValidateEnvFrom. */
export function validateEnv(
  container: Loose,
  place: { readonly path: string; readonly volumes: readonly Loose[] },
): readonly PodProblem[] {
  const { path } = place;
  return [
    ...objectsOf(container["env"]).flatMap((variable, index) => {
      const own = `${path}.env[${index}]`;
      return [
        ...validateName(textOf(variable["name"]), `${own}.name`),
        ...(variable["valueFrom"] === undefined
          ? []
          : validateSource(variable, { path: `${own}.valueFrom`, volumes: place.volumes })),
      ];
    }),
    ...objectsOf(container["envFrom"]).flatMap((source, index) => {
      const own = `${path}.envFrom[${index}]`;
      const kinds = ["configMapRef", "secretRef"].filter((name) => source[name] !== undefined);
      const prefix = textOf(source["prefix"]);
      return [
        ...(prefix === "" ? [] : validateName(prefix, `${own}.prefix`)),
        ...unless(kinds.length === 1, own, "exactly one of configMapRef and secretRef is needed"),
        ...kinds.flatMap((kind) =>
          requireText(textOf(objectOf(source[kind])["name"]), `${own}.${kind}.name`),
        ),
      ];
    }),
  ];
}

function validateName(name: string, path: string): readonly PodProblem[] {
  return unless(NAME.test(name), path, `${JSON.stringify(name)} is not a variable's name (ASCII without =)`);
}

function validateSource(
  variable: Loose,
  place: { readonly path: string; readonly volumes: readonly Loose[] },
): readonly PodProblem[] {
  const { path } = place;
  const from = objectOf(variable["valueFrom"]);
  const kinds = SOURCES.filter((name) => from[name] !== undefined);
  if (kinds.length !== 1) return [problem(path, `exactly one of ${SOURCES.join(", ")} is needed`)];
  const [kind = ""] = kinds;
  const source = objectOf(from[kind]);
  const own = `${path}.${kind}`;
  const checks: Readonly<Record<string, () => readonly PodProblem[]>> = {
    fieldRef: () => validateFieldRef(source, { path: own, fields: ENV_FIELDS }),
    resourceFieldRef: () => validateResourceRef(source, own),
    fileKeyRef: () => validateFileRef(source, { path: own, volumes: place.volumes }),
  };
  const problems = checks[kind]?.() ?? requireText(textOf(source["key"]), `${own}.key`);
  return [
    ...problems,
    ...unless(textOf(variable["value"]) === "", path, "it may not be set together with value"),
  ];
}

/** Source: validation.go validateObjectFieldSelector; pkg/apis/core/pods ConvertDownwardAPIFieldLabel. */
function validateFieldRef(
  source: Loose,
  { path, fields }: { readonly path: string; readonly fields: readonly string[] },
): readonly PodProblem[] {
  const version = textOf(source["apiVersion"]);
  const field = textOf(source["fieldPath"]);
  if (version !== "v1") return [problem(`${path}.apiVersion`, `${JSON.stringify(version)} is not v1`)];
  const [, kind, key] = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(field) ?? [];
  if (kind !== undefined && key !== undefined) {
    const name = kind === "annotations" ? key.toLowerCase() : key;
    return unless(isQualifiedName(name), `${path}.fieldPath`, `${JSON.stringify(key)} is not a key`);
  }
  return requireOneOf(field, `${path}.fieldPath`, fields);
}

/** Source: validation.go validateContainerResourceFieldSelector, validateContainerResourceDivisor. */
function validateResourceRef(source: Loose, path: string): readonly PodProblem[] {
  const resource = textOf(source["resource"]);
  const divisor = textOf(source["divisor"]);
  const isKnown = RESOURCES.includes(resource) || /^(limits|requests)\.hugepages-/.test(resource);
  const divisors = resource.endsWith(".cpu") ? ["1m", "1"] : SIZE_DIVISORS;
  const size = parseQuantity(divisor);
  const divides = size === 0 || divisors.some((known) => parseQuantity(known) === size);
  return [
    ...unless(isKnown, `${path}.resource`, `${JSON.stringify(resource)} is none of ${RESOURCES.join(", ")}`),
    ...unless(divides || !isKnown, `${path}.divisor`, `${divisor} is none of ${divisors.join(", ")}`),
  ];
}

/** Source: validation.go validateFileKeySelector, validateFileKeyRefVolumes. */
function validateFileRef(
  source: Loose,
  { path, volumes }: { readonly path: string; readonly volumes: readonly Loose[] },
): readonly PodProblem[] {
  const name = textOf(source["volumeName"]);
  const volume = volumes.find((entry) => entry["name"] === name);
  return [
    ...validateName(textOf(source["key"]), `${path}.key`),
    ...requireDnsLabel(name, `${path}.volumeName`),
    ...requireText(textOf(source["path"]), `${path}.path`),
    ...requireNoBacksteps(textOf(source["path"]), `${path}.path`),
    ...unless(volume?.["emptyDir"] !== undefined, `${path}.volumeName`, "it must name an emptyDir volume"),
  ];
}

/** Problems of one file of a downwardAPI volume. Source: validation.go validateDownwardAPIVolumeFile. */
export function validateDownwardFile(file: Loose, path: string): readonly PodProblem[] {
  const target = textOf(file["path"]);
  const { fieldRef, resourceFieldRef } = file;
  const count = [fieldRef, resourceFieldRef].filter((source) => source !== undefined).length;
  const resource = objectOf(resourceFieldRef);
  return [
    ...requireText(target, `${path}.path`),
    ...unless(!target.startsWith("/"), `${path}.path`, "it must be a relative path"),
    ...unless(
      !target.split("/").includes("..") && !target.startsWith(".."),
      `${path}.path`,
      "it may not hold ..",
    ),
    ...unless(count === 1, path, "exactly one of fieldRef and resourceFieldRef is needed"),
    ...(fieldRef === undefined
      ? []
      : validateFieldRef(objectOf(fieldRef), { path: `${path}.fieldRef`, fields: VOLUME_FIELDS })),
    ...(resourceFieldRef === undefined
      ? []
      : [
          ...requireText(textOf(resource["containerName"]), `${path}.resourceFieldRef.containerName`),
          ...validateResourceRef(resource, `${path}.resourceFieldRef`),
        ]),
  ];
}
