import type { FieldPath } from "./findings.ts";

/** By these words a finding is known that a file in v1beta3 would not have. */
export const OLD_FORM = "v1beta3's form";

const ARGUMENTS = `must be a list of {name: FLAG, value: TEXT}; a group of fields is ${OLD_FORM}`;

/** Source: kubeadm v1.36.3 apis/kubeadm/v1beta3/types.go and conversion.go. */
const CHANGED: ReadonlyMap<string, string> = new Map(
  Object.entries({ extraArgs: ARGUMENTS, kubeletExtraArgs: ARGUMENTS }),
);
const MOVED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "apiServer.timeoutForControlPlane": "timeouts.controlPlaneComponentHealthCheck of an InitConfiguration",
    "discovery.timeout": "timeouts.discovery",
  }),
);

/** What is wrong with a field of v1beta4 that has the wrong type and is as v1beta3 had it; else undefined. */
export function describeChangedField(path: FieldPath): string | undefined {
  return CHANGED.get(String(path.at(-1)));
}

/** What is wrong with a field that v1beta4 does not have and v1beta3 had; else undefined. */
export function describeMovedField(path: FieldPath): string | undefined {
  const place = MOVED.get(path.join("."));
  return place === undefined ? undefined : `is ${OLD_FORM}; in v1beta4 it is ${place}`;
}
