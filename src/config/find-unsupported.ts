import { parseDurationMs } from "../core/duration.ts";
import { selectNearest } from "../core/nearest.ts";
import { hasExampleToken } from "./bootstrap-tokens.ts";
import type { ComponentFields } from "./component-document.ts";
import { DEFAULT_TIMEOUTS_MS, DEFAULTS } from "./defaults.ts";
import { quote } from "./field-rules.ts";
import type { FieldFinding } from "./findings.ts";
import type { ClusterDocument, InitDocument } from "./schema.ts";

/** Source: kubeadm app/features InitFeatureGates. */
const FEATURE_GATES = ["RootlessControlPlane"];

/** Gates that kubeadm had, and what became of them. Source: kubeadm app/features of v1.36.3 and v1.37.2. */
const FORMER_GATES: Readonly<Record<string, string>> = {
  PublicKeysECDSA: "write encryptionAlgorithm: ECDSA-P256 instead",
  NodeLocalCRISocket: "it is always on; remove it",
  ControlPlaneKubeletLocalMode: "it is always on; remove it",
  EtcdLearnerMode: "it is always on; remove it",
  WaitForAllControlPlaneComponents: "it is always on; remove it",
};

/** A finding for each field of kubeadm's that is set to something Slipway does not do. */
export function findUnsupported(documents: {
  readonly cluster: ClusterDocument;
  readonly kubelet: ComponentFields;
}): readonly FieldFinding[] {
  const { staticPodPath } = documents.kubelet;
  return [
    ...Object.entries(documents.cluster.featureGates ?? {}).flatMap(([name, on]) => {
      const message = describeGate(name, on);
      return message === undefined
        ? []
        : [{ kind: "ClusterConfiguration" as const, path: ["featureGates", name], message }];
    }),
    ...(typeof staticPodPath !== "string" || ["", DEFAULTS.staticPodPath].includes(staticPodPath)
      ? []
      : [
          {
            kind: "KubeletConfiguration" as const,
            path: ["staticPodPath"],
            message: `the manifests are written to ${DEFAULTS.staticPodPath} and nowhere else; remove it`,
          },
        ]),
  ];
}

function describeGate(name: string, on: boolean): string | undefined {
  if (FEATURE_GATES.includes(name)) {
    return on
      ? "an alpha feature that kubeadm gives up in favour of user namespaces, and not to be had here; remove it"
      : undefined;
  }
  const former = FORMER_GATES[name];
  if (former !== undefined) return `there is no such feature gate any more: ${former}`;
  const nearest = selectNearest(name, FEATURE_GATES);
  return `there is no feature gate ${quote(name)}${nearest === undefined ? "" : `; did you mean ${nearest}?`}`;
}

/** What is accepted and has no effect on init, one sentence each. */
export function describeIneffective(init: InitDocument): readonly string[] {
  const node = init.nodeRegistration;
  const timeouts = (
    ["discovery", "etcdAPICall", "kubeletHealthCheck", "tlsBootstrap", "upgradeManifests"] as const
  )
    .filter((name) => {
      const text = init.timeouts?.[name];
      return text && parseDurationMs(text) !== DEFAULT_TIMEOUTS_MS[name];
    })
    .map((name) => `timeouts.${name} has no effect: init has nothing to wait for there`);
  const pulls = (["imagePullPolicy", "imagePullSerial"] as const)
    .filter((name) => ![undefined, null, "", "IfNotPresent", true].includes(node?.[name]))
    .map((name) => `nodeRegistration.${name} has no effect: init pulls no images`);
  const socket = node?.criSocket && !node.criSocket.startsWith("unix");
  const example = "bootstrapTokens: a random token is made in place of the well-known example token";
  return [
    ...(hasExampleToken(init) ? [example] : []),
    ...timeouts,
    ...pulls,
    ...(socket ? [`nodeRegistration.criSocket has no scheme; taken as unix://${node.criSocket}`] : []),
  ];
}
