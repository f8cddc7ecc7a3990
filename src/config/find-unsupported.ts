import { DEFAULT_KUBERNETES_VERSION } from "../core/constants.ts";
import { parseDurationMs } from "../core/duration.ts";
import { hasExampleToken } from "./bootstrap-tokens.ts";
import type { ComponentFields } from "./component-document.ts";
import { DEFAULT_TIMEOUTS_MS, DEFAULTS } from "./defaults.ts";
import { describeGateProblem } from "./feature-gates.ts";
import type { FieldFinding } from "./findings.ts";
import { resolveKubernetesVersion } from "./resolve-kubernetes-version.ts";
import type { ClusterDocument, InitDocument } from "./schema.ts";

/** A finding for each field of kubeadm's that is set to something Slipway does not do. */
export function findUnsupported(documents: {
  readonly cluster: ClusterDocument;
  readonly kubelet: ComponentFields;
}): readonly FieldFinding[] {
  const { staticPodPath } = documents.kubelet;
  const version = resolveKubernetesVersion(documents.cluster.kubernetesVersion ?? "");
  const target = "version" in version ? version.version : DEFAULT_KUBERNETES_VERSION;
  return [
    ...Object.entries(documents.cluster.featureGates ?? {}).flatMap(([name, on]) => {
      const message = describeGateProblem({ name, on }, target);
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

/** What is accepted and has no effect on init, one sentence each. */
export function describeIneffective(init: InitDocument): readonly string[] {
  const node = init.nodeRegistration;
  const pulls = (["imagePullPolicy", "imagePullSerial"] as const)
    .filter((name) => ![undefined, null, "", "IfNotPresent", true].includes(node?.[name]))
    .map((name) => `nodeRegistration.${name} has no effect: init pulls no images`);
  const socket = node?.criSocket && !node.criSocket.startsWith("unix");
  const example = "bootstrapTokens: a random token is made in place of the well-known example token";
  return [
    ...(hasExampleToken(init) ? [example] : []),
    ...describeIdleTimeouts(init.timeouts, { command: "init", acting: ACTING_IN_INIT }),
    ...pulls,
    ...(socket ? [`nodeRegistration.criSocket has no scheme; taken as unix://${node.criSocket}`] : []),
  ];
}

const ACTING_IN_INIT: readonly TimeoutName[] = ["controlPlaneComponentHealthCheck", "kubernetesAPICall"];

type TimeoutName = keyof typeof DEFAULT_TIMEOUTS_MS;

/** The timeouts of a document that are set to something of their own and have no effect, one sentence each. */
export function describeIdleTimeouts(
  timeouts: Readonly<Partial<Record<TimeoutName, string | null | undefined>>> | null | undefined,
  { command, acting }: { readonly command: "init" | "reset"; readonly acting: readonly TimeoutName[] },
): readonly string[] {
  // A constant's keys are those of its type.
  return (Object.keys(DEFAULT_TIMEOUTS_MS) as TimeoutName[])
    .filter((name) => {
      const text = timeouts?.[name];
      return !acting.includes(name) && text && parseDurationMs(text) !== DEFAULT_TIMEOUTS_MS[name];
    })
    .map((name) => `timeouts.${name} has no effect: ${command} has nothing to wait for there`);
}
