import { isObject } from "../core/json.ts";
import { type Loose, objectsOf } from "./loose.ts";

/** Volume kinds that need no object of the API. Source: pkg/api/pod/util.go HasAPIObjectReference. */
const FREE_VOLUMES = [
  "emptyDir",
  "hostPath",
  "downwardAPI",
  "image",
  "gitRepo",
  "nfs",
  "fc",
  "awsElasticBlockStore",
  "azureDisk",
  "cinder",
  "flocker",
  "gcePersistentDisk",
  "photonPersistentDisk",
  "portworxVolume",
  "quobyte",
  "vsphereVolume",
];

const VOLUME_REFERENCES: Readonly<Record<string, string>> = {
  csi: "csidrivers (via CSI volumes)",
  glusterfs: "endpoints (via glusterFS volumes)",
  persistentVolumeClaim: "persistentvolumeclaims",
  ephemeral: "persistentvolumeclaims (via ephemeral volumes)",
  azureFile: "secrets (via azureFile volumes)",
};

const PROJECTIONS: Readonly<Record<string, string>> = {
  serviceAccountToken: "serviceaccounts (via projected volumes)",
  clusterTrustBundle: "clustertrustbundles",
  podCertificate: "podcertificates",
};

/** Volume kinds that may carry a secretRef or the like, and are free of API objects without one. */
const SECRET_FIELDS = ["secretRef", "secretName", "nodePublishSecretRef"];
const MAYBE_SECRET_VOLUMES = ["iscsi", "cephfs", "flexVolume", "rbd", "scaleIO", "storageos", "cinder"];

/**
 * What a pod's spec needs from the API server, in the words of the kubelet's message; undefined when nothing. First
 * hit in the kubelet's order; unknown volume kinds are refused too. Source: pkg/api/pod/util.go HasAPIObjectReference.
 */
export function findApiReference(spec: Loose): string | undefined {
  const volumes = objectsOf(spec["volumes"]);
  const containers = [...objectsOf(spec["initContainers"]), ...objectsOf(spec["containers"])];
  if (isSet(spec["serviceAccountName"]) || isSet(spec["serviceAccount"])) return "serviceaccounts";
  if (refersToSecret(spec, { volumes, containers })) return "secrets";
  if (refersToConfigMap({ volumes, containers })) return "configmaps";
  if (objectsOf(spec["resourceClaims"]).length > 0) return "resourceclaims";
  return firstOf(volumes, volumeReference);
}

function refersToSecret(
  spec: Loose,
  parts: { readonly volumes: readonly Loose[]; readonly containers: readonly Loose[] },
): boolean {
  return (
    objectsOf(spec["imagePullSecrets"]).some((secret) => isSet(secret["name"])) ||
    parts.containers.some((container) =>
      envRefersTo(container, { key: "secretKeyRef", from: "secretRef" }),
    ) ||
    parts.volumes.some((volume) => "secret" in volume || hasSecretField(volume)) ||
    projectedSources(parts.volumes).some((source) => "secret" in source)
  );
}

function refersToConfigMap(parts: {
  readonly volumes: readonly Loose[];
  readonly containers: readonly Loose[];
}): boolean {
  return (
    parts.containers.some((container) =>
      envRefersTo(container, { key: "configMapKeyRef", from: "configMapRef" }),
    ) ||
    parts.volumes.some((volume) => "configMap" in volume) ||
    projectedSources(parts.volumes).some((source) => "configMap" in source)
  );
}

function envRefersTo(container: Loose, names: { readonly key: string; readonly from: string }): boolean {
  return (
    objectsOf(container["env"]).some((env) => isObject(env["valueFrom"]) && names.key in env["valueFrom"]) ||
    objectsOf(container["envFrom"]).some((source) => names.from in source)
  );
}

function hasSecretField(volume: Loose): boolean {
  return Object.values(volume).some(
    (source) =>
      isObject(source) && SECRET_FIELDS.some((field) => isObject(source[field]) || isSet(source[field])),
  );
}

function projectedSources(volumes: readonly Loose[]): readonly Loose[] {
  return volumes.flatMap((volume) =>
    isObject(volume["projected"]) ? objectsOf(volume["projected"]["sources"]) : [],
  );
}

function volumeReference(volume: Loose): string | undefined {
  return firstOf(
    Object.keys(volume).filter((kind) => kind !== "name"),
    (kind) => {
      if (kind === "projected") return firstOf(projectedSources([volume]), projectionReference);
      if (FREE_VOLUMES.includes(kind) || MAYBE_SECRET_VOLUMES.includes(kind)) return undefined;
      return VOLUME_REFERENCES[kind] ?? `unknown volume kinds (${kind})`;
    },
  );
}

function projectionReference(source: Loose): string | undefined {
  return firstOf(Object.keys(source), (kind) =>
    kind === "downwardAPI" ? undefined : (PROJECTIONS[kind] ?? `unknown projections (${kind})`),
  );
}

function firstOf<T>(items: readonly T[], select: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = select(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isSet(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}
