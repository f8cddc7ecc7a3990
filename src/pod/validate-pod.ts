import { isDnsLabel, isLabelValue, isQualifiedName } from "../core/names.ts";
import { type Loose, objectOf, objectsOf, textOf } from "./loose.ts";
import { type PodProblem, unless } from "./pod-problem.ts";
import { validateContainers } from "./validate-container.ts";
import { validateSpec } from "./validate-spec.ts";
import { validateVolumes } from "./validate-volumes.ts";

/** Ours, and narrower than the API's: a UID is a part of paths. */
const UID = /^[A-Za-z0-9-]{0,63}$/;

const MAX_ANNOTATION_BYTES = 256 * 1024;

/**
 * Everything that is wrong with a defaulted pod; empty when it can be run. The common half of the API's validation at
 * creation; what only a scheduler or a storage plugin reads passes.
 * Source: pkg/apis/core/validation/validation.go ValidatePodCreate.
 */
export function validatePod(pod: Loose): readonly PodProblem[] {
  const spec = objectOf(pod["spec"]);
  return [
    ...validateMetadata(objectOf(pod["metadata"])),
    ...validateSpec(spec),
    ...validateContainers(spec),
    ...validateVolumes(objectsOf(spec["volumes"])),
  ];
}

/** Without the name, which is judged with the node's. Source: apimachinery api/validation ValidateObjectMeta. */
function validateMetadata(metadata: Loose): readonly PodProblem[] {
  const namespace = textOf(metadata["namespace"]);
  const uid = textOf(metadata["uid"]);
  const annotations = Object.entries(objectOf(metadata["annotations"]));
  const annotationBytes = annotations.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(textOf(value)),
    0,
  );
  return [
    ...unless(
      namespace === "" || isDnsLabel(namespace),
      "metadata.namespace",
      `${JSON.stringify(namespace)} is not a DNS label`,
    ),
    ...unless(
      UID.test(uid),
      "metadata.uid",
      `${JSON.stringify(uid)} is not a UID (letters, digits and dashes)`,
    ),
    ...Object.entries(objectOf(metadata["labels"])).flatMap(([key, value]) =>
      unless(
        isQualifiedName(key) && isLabelValue(textOf(value)),
        "metadata.labels",
        `${key}=${textOf(value)} is not a label`,
      ),
    ),
    ...annotations.flatMap(([key]) =>
      unless(
        isQualifiedName(key.toLowerCase()),
        "metadata.annotations",
        `${JSON.stringify(key)} is not an annotation's key`,
      ),
    ),
    ...unless(
      annotationBytes <= MAX_ANNOTATION_BYTES,
      "metadata.annotations",
      "they are longer than 256 KiB",
    ),
  ];
}
