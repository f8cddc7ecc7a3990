import { formatDuration } from "../core/duration.ts";
import { EXAMPLE_TOKEN } from "./bootstrap-tokens.ts";
import type { ComponentFields } from "./component-document.ts";
import { DEFAULT_TIMEOUTS_MS, DEFAULTS } from "./defaults.ts";
import { API_VERSIONS } from "./read-documents.ts";

/** The defaults of every kind of document that kubeadm prints, but for those of init. */
export type DefaultsKind = "join" | "reset" | "upgrade";

/**
 * The document of a kind that says nothing, with kubeadm's examples for what has to be said. Source: kubeadm
 * cmd/config.go getDefaultNodeConfigBytes and its siblings, apis/kubeadm/v1beta4/defaults.go.
 */
export function buildDefaultDocument(kind: DefaultsKind, machine: { readonly hostName: string }) {
  return DOCUMENTS[kind](machine.hostName.toLowerCase());
}

const PULLS = { imagePullPolicy: "IfNotPresent", imagePullSerial: true };

const DOCUMENTS = {
  join: (hostName) => ({
    apiVersion: API_VERSIONS.JoinConfiguration,
    kind: "JoinConfiguration",
    caCertPath: `${DEFAULTS.certificatesDir}/ca.crt`,
    discovery: {
      bootstrapToken: {
        apiServerEndpoint: "kube-apiserver:6443",
        token: EXAMPLE_TOKEN,
        unsafeSkipCAVerification: true,
      },
      tlsBootstrapToken: EXAMPLE_TOKEN,
    },
    nodeRegistration: { criSocket: DEFAULTS.criSocket, ...PULLS, name: hostName, taints: null },
    timeouts: timeouts(),
  }),
  reset: () => ({
    apiVersion: API_VERSIONS.ResetConfiguration,
    kind: "ResetConfiguration",
    certificatesDir: DEFAULTS.certificatesDir,
    criSocket: DEFAULTS.criSocket,
    timeouts: timeouts(),
  }),
  upgrade: () => ({
    apiVersion: API_VERSIONS.UpgradeConfiguration,
    kind: "UpgradeConfiguration",
    apply: { certificateRenewal: true, etcdUpgrade: true, ...PULLS },
    diff: {},
    node: { certificateRenewal: true, etcdUpgrade: true, ...PULLS },
    plan: { etcdUpgrade: true },
    timeouts: timeouts(),
  }),
} as const satisfies Record<DefaultsKind, (hostName: string) => ComponentFields>;

function timeouts(): ComponentFields {
  return Object.fromEntries(
    Object.entries(DEFAULT_TIMEOUTS_MS).map(([name, timeoutMs]) => [name, formatDuration(timeoutMs)]),
  );
}
