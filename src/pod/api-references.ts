import { isObject } from "../core/json.ts";
import { type Loose, objectOf, objectsOf } from "./loose.ts";
import type { PodProblem } from "./pod-problem.ts";

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

const VOLUME_REFERENCES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    secret: "secrets",
    configMap: "configmaps",
    csi: "csidrivers (via CSI volumes)",
    glusterfs: "endpoints (via glusterFS volumes)",
    persistentVolumeClaim: "persistentvolumeclaims",
    ephemeral: "persistentvolumeclaims (via ephemeral volumes)",
    azureFile: "secrets (via azureFile volumes)",
  }),
);

const PROJECTIONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    secret: "secrets",
    configMap: "configmaps",
    serviceAccountToken: "serviceaccounts (via projected volumes)",
    clusterTrustBundle: "clustertrustbundles",
    podCertificate: "podcertificates",
  }),
);

/** Volume kinds that may carry a secretRef or the like, and are free of API objects without one. */
const SECRET_FIELDS = ["secretRef", "secretName", "nodePublishSecretRef"];
const MAYBE_SECRET_VOLUMES = ["iscsi", "cephfs", "flexVolume", "rbd", "scaleIO", "storageos", "cinder"];

const ENV_REFERENCES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    secretKeyRef: "secrets",
    configMapKeyRef: "configmaps",
    secretRef: "secrets",
    configMapRef: "configmaps",
  }),
);

const REMOVE = "remove it";
const SAY_VALUE = "say the value here with value, or read it from a file of a hostPath volume";
const USE_HOST_PATH = "put the files on this machine and mount them with hostPath";

/**
 * Everything in a pod's spec that needs the API server, each at its field in the words of the kubelet's message, with
 * what to do; unknown volume kinds are refused too. Source: pkg/api/pod/util.go HasAPIObjectReference.
 */
export function findApiReferences(spec: Loose): readonly PodProblem[] {
  const account = ["serviceAccountName", "serviceAccount"].find((field) => isSet(spec[field]));
  return [
    ...(account === undefined ? [] : [refer(`spec.${account}`, "serviceaccounts", REMOVE)]),
    ...objectsOf(spec["imagePullSecrets"]).flatMap(({ name }, index) =>
      isSet(name) ? [refer(`spec.imagePullSecrets[${index}].name`, "secrets", REMOVE)] : [],
    ),
    ...objectsOf(spec["resourceClaims"]).map((_claim, index) =>
      refer(`spec.resourceClaims[${index}]`, "resourceclaims", REMOVE),
    ),
    ...["initContainers", "containers"].flatMap((list) =>
      objectsOf(spec[list]).flatMap((container, index) => inVariables(container, `spec.${list}[${index}]`)),
    ),
    ...objectsOf(spec["volumes"]).flatMap((volume, index) => inVolume(volume, `spec.volumes[${index}]`)),
  ];
}

function refer(path: string, kind: string, fix: string): PodProblem {
  return { path, message: `static pods may not reference ${kind}; ${fix}` };
}

function inVariables(container: Loose, path: string): readonly PodProblem[] {
  const sources = [
    ...objectsOf(container["env"]).map(
      ({ valueFrom }, index) => [`${path}.env[${index}].valueFrom`, objectOf(valueFrom)] as const,
    ),
    ...objectsOf(container["envFrom"]).map((source, index) => [`${path}.envFrom[${index}]`, source] as const),
  ];
  return sources.flatMap(([place, source]) =>
    Object.keys(source).flatMap((kind) => {
      const reference = ENV_REFERENCES.get(kind);
      return reference === undefined ? [] : [refer(`${place}.${kind}`, reference, SAY_VALUE)];
    }),
  );
}

function inVolume({ name: _name, ...sources }: Loose, path: string): readonly PodProblem[] {
  return Object.entries(sources).flatMap(([kind, source]) => {
    const place = `${path}.${kind}`;
    if (kind === "projected") {
      return objectsOf(objectOf(source)["sources"]).flatMap((projection, index) =>
        inProjection(projection, `${place}.sources[${index}]`),
      );
    }
    if (FREE_VOLUMES.includes(kind) || MAYBE_SECRET_VOLUMES.includes(kind)) {
      const fields = objectOf(source);
      return SECRET_FIELDS.filter((field) => isObject(fields[field]) || isSet(fields[field])).map((field) =>
        refer(`${place}.${field}`, "secrets", USE_HOST_PATH),
      );
    }
    return [refer(place, VOLUME_REFERENCES.get(kind) ?? `unknown volume kinds (${kind})`, USE_HOST_PATH)];
  });
}

function inProjection(projection: Loose, path: string): readonly PodProblem[] {
  return Object.keys(projection)
    .filter((kind) => kind !== "downwardAPI")
    .map((kind) =>
      refer(`${path}.${kind}`, PROJECTIONS.get(kind) ?? `unknown projections (${kind})`, USE_HOST_PATH),
    );
}

function isSet(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}
