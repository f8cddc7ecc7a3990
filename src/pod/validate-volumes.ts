import { HOST_PATH_TYPES } from "../core/constants.ts";
import { type Loose, numberOf, objectOf, objectsOf, textOf } from "./loose.ts";
import {
  type PodProblem,
  repeated,
  requireDnsLabel,
  requireNoBacksteps,
  requireOneOf,
  requireRange,
  requireText,
  unless,
} from "./pod-problem.ts";
import { parseQuantity } from "./quantity.ts";
import { validateDownwardFile } from "./validate-env.ts";

/**
 * Problems of a pod's volumes. Kinds that need a network or the API are judged by their number only.
 * Source: validation.go ValidateVolumes, validateVolumeSource.
 */
export function validateVolumes(volumes: readonly Loose[]): readonly PodProblem[] {
  const names = volumes.map((volume) => textOf(volume["name"]));
  return [
    ...repeated(names).map(([index, name]) => ({
      path: `spec.volumes[${index}].name`,
      message: `${name} is used twice`,
    })),
    ...volumes.flatMap((volume, index) => {
      const path = `spec.volumes[${index}]`;
      const kinds = Object.keys(volume).filter((key) => key !== "name");
      return [
        ...requireDnsLabel(names[index] ?? "", `${path}.name`),
        ...unless(kinds.length === 1, path, `only one of ${kinds.join(", ")} may be set`),
        ...kinds.flatMap((kind) => KINDS[kind]?.(objectOf(volume[kind]), `${path}.${kind}`) ?? []),
      ];
    }),
  ];
}

const KINDS: Readonly<Record<string, (source: Loose, path: string) => readonly PodProblem[]>> = {
  emptyDir: ({ sizeLimit, mode }, path) => [
    ...unless((parseQuantity(textOf(sizeLimit)) ?? 0) >= 0, `${path}.sizeLimit`, "it may not be negative"),
    ...requireRange(numberOf(mode), `${path}.mode`, [0, 0o1777]),
  ],
  hostPath: (source, path) => [
    ...requireText(textOf(source["path"]), `${path}.path`),
    ...requireNoBacksteps(textOf(source["path"]), `${path}.path`),
    ...requireOneOf(textOf(source["type"]), `${path}.type`, ["", ...HOST_PATH_TYPES]),
  ],
  downwardAPI: (source, path) => [
    ...requireRange(numberOf(source["defaultMode"]), `${path}.defaultMode`, [0, 0o777]),
    ...objectsOf(source["items"]).flatMap((item, index) => validateFile(item, `${path}.items[${index}]`)),
  ],
  projected: (source, path) => [
    ...requireRange(numberOf(source["defaultMode"]), `${path}.defaultMode`, [0, 0o777]),
    ...objectsOf(source["sources"]).flatMap((inner, index) => {
      const own = `${path}.sources[${index}]`;
      const kinds = Object.keys(inner);
      return [
        ...unless(kinds.length <= 1, own, `only one of ${kinds.join(", ")} may be set`),
        ...objectsOf(objectOf(inner["downwardAPI"])["items"]).flatMap((item, at) =>
          validateFile(item, `${own}.downwardAPI.items[${at}]`),
        ),
      ];
    }),
  ],
};

function validateFile(item: Loose, path: string): readonly PodProblem[] {
  return [
    ...validateDownwardFile(item, path),
    ...requireRange(numberOf(item["mode"]), `${path}.mode`, [0, 0o777]),
  ];
}
