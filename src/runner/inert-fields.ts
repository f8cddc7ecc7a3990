import type { Container, Pod } from "../pod/types.ts";

/** A field that is accepted and does nothing here. */
export interface InertField {
  readonly field: string;
  readonly why: string;
}

const NO_CONFINEMENT = "containers are plain processes of this machine";

const POD_FIELDS: readonly (InertField & { readonly isSet: (pod: Pod) => boolean })[] = [
  {
    field: "spec.hostNetwork: false",
    why: "every pod is on the machine's own network",
    isSet: ({ spec }) => spec.hostNetwork !== true,
  },
  {
    field: "spec.securityContext.seccompProfile",
    why: NO_CONFINEMENT,
    isSet: ({ spec }) => (spec.securityContext?.seccompProfile?.type ?? "Unconfined") !== "Unconfined",
  },
  {
    field: "spec.securityContext.fsGroup",
    why: NO_CONFINEMENT,
    isSet: ({ spec }) => spec.securityContext?.fsGroup !== undefined,
  },
];

const CONTAINER_FIELDS: readonly (InertField & { readonly isSet: (container: Container) => boolean })[] = [
  {
    field: "resources",
    why: "they order nothing but the out-of-memory score",
    isSet: ({ resources }) => Object.keys({ ...resources?.limits, ...resources?.requests }).length > 0,
  },
  {
    field: "volumeMounts.readOnly",
    why: NO_CONFINEMENT,
    isSet: ({ volumeMounts }) => volumeMounts?.some((mount) => mount.readOnly === true) === true,
  },
  {
    field: "securityContext.capabilities",
    why: NO_CONFINEMENT,
    isSet: ({ securityContext }) => securityContext?.capabilities !== undefined,
  },
  {
    field: "securityContext.seccompProfile",
    why: NO_CONFINEMENT,
    isSet: ({ securityContext }) => securityContext?.seccompProfile !== undefined,
  },
  {
    field: "securityContext.readOnlyRootFilesystem",
    why: NO_CONFINEMENT,
    isSet: ({ securityContext }) => securityContext?.readOnlyRootFilesystem === true,
  },
  {
    field: "securityContext.allowPrivilegeEscalation",
    why: NO_CONFINEMENT,
    isSet: ({ securityContext }) => securityContext?.allowPrivilegeEscalation === false,
  },
];

/** The fields a pod sets that do nothing on the machine's own processes. */
export function findInertFields(pod: Pod): readonly InertField[] {
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  return [
    ...POD_FIELDS.filter(({ isSet }) => isSet(pod)),
    ...CONTAINER_FIELDS.filter(({ isSet }) => containers.some(isSet)),
  ].map(({ field, why }) => ({ field, why }));
}
