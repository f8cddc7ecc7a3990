import { HOST_PATH_TYPES } from "../core/constants.ts";
import { isDnsLabel, isDnsSubdomain, isLabelValue, isQualifiedName } from "../core/names.ts";
import type { PodManifest, PodSpec, Volume } from "./types.ts";
import { validateContainers } from "./validate-container.ts";
import type { Problem } from "./validate-probe.ts";

/** Ours, and narrower than the API's: a UID is a part of paths. */
const UID = /^[A-Za-z0-9-]{0,63}$/;

const MAX_ANNOTATION_BYTES = 256 * 1024;
const MAX_INT32 = 2_147_483_647;

/**
 * Everything that is wrong with a defaulted manifest, one line each; empty when it can be run. The common half of the
 * API's validation at creation; exotic fields pass. Source: pkg/apis/core/validation/validation.go ValidatePodCreate.
 */
export function validatePod(manifest: PodManifest): readonly Problem[] {
  return [
    ...validateMetadata(manifest),
    ...validateSpec(manifest.spec),
    ...validateContainers(manifest.spec),
    ...validateVolumes(manifest.spec.volumes ?? []),
  ];
}

function validateMetadata(manifest: PodManifest): readonly Problem[] {
  const { name, namespace, uid, labels = {}, annotations = {} } = manifest.metadata;
  const annotationBytes = Object.entries(annotations)
    .flat()
    .reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return [
    ...(isDnsSubdomain(name)
      ? []
      : [
          `metadata.name: ${JSON.stringify(name)} is not a DNS name (lower-case letters, digits, dashes, dots)`,
        ]),
    ...(namespace === undefined || namespace === "" || isDnsLabel(namespace)
      ? []
      : [`metadata.namespace: ${JSON.stringify(namespace)} is not a DNS label`]),
    ...(uid === undefined || UID.test(uid)
      ? []
      : [`metadata.uid: ${JSON.stringify(uid)} is not a UID (letters, digits and dashes)`]),
    ...Object.entries(labels)
      .filter(([key, value]) => !isQualifiedName(key) || !isLabelValue(value))
      .map(([key, value]) => `metadata.labels: ${key}=${value} is not a label`),
    ...Object.keys(annotations)
      .filter((key) => !isQualifiedName(key.toLowerCase()))
      .map((key) => `metadata.annotations: ${JSON.stringify(key)} is not an annotation's key`),
    ...(annotationBytes > MAX_ANNOTATION_BYTES ? ["metadata.annotations: they are longer than 256 KiB"] : []),
  ];
}

function validateSpec(
  spec: PodSpec & { readonly ephemeralContainers?: unknown; readonly dnsConfig?: unknown },
) {
  const deadline = spec.activeDeadlineSeconds;
  const problems: Problem[] = [];
  if (spec.ephemeralContainers !== undefined)
    problems.push("spec.ephemeralContainers: a static pod cannot have them");
  if (deadline !== undefined && (deadline < 1 || deadline > MAX_INT32)) {
    problems.push(`spec.activeDeadlineSeconds: ${deadline} is not within 1 to ${MAX_INT32}`);
  }
  if (spec.dnsPolicy === "None" && spec.dnsConfig === undefined) {
    problems.push("spec.dnsConfig: dnsPolicy None needs a nameserver in it");
  }
  if (spec.hostname !== undefined && spec.hostname !== "" && !isDnsLabel(spec.hostname)) {
    problems.push(`spec.hostname: ${JSON.stringify(spec.hostname)} is not a DNS label`);
  }
  return problems;
}

function validateVolumes(volumes: readonly Volume[]): readonly Problem[] {
  return volumes.flatMap((volume, index) => {
    const path = `spec.volumes[${index}]`;
    const { hostPath, name } = volume;
    const sources = Object.keys(volume).filter((key) => key !== "name");
    return [
      ...(isDnsLabel(name) ? [] : [`${path}.name: ${JSON.stringify(name)} is not a DNS label`]),
      ...(volumes.findIndex((other) => other.name === name) < index
        ? [`${path}.name: ${name} is used twice`]
        : []),
      ...(sources.length > 1 ? [`${path}: only one of ${sources.join(", ")} may be set`] : []),
      ...(hostPath?.path === "" ? [`${path}.hostPath.path: it is required`] : []),
      ...(hostPath?.path.split("/").includes("..") === true
        ? [`${path}.hostPath.path: it may not hold ..`]
        : []),
      ...(hostPath !== undefined && !isHostPathType(hostPath.type ?? "")
        ? [`${path}.hostPath.type: ${hostPath.type} is none of ${HOST_PATH_TYPES.join(", ")}`]
        : []),
    ];
  });
}

function isHostPathType(type: string): boolean {
  return type === "" || HOST_PATH_TYPES.some((known) => known === type);
}
