import { join } from "node:path";
import type { ApplyContext } from "../../apply/step-handler.ts";
import type { InitConfig } from "../../config/types.ts";
import { isLoopback } from "../../core/cidr.ts";
import { formatJoinCommand, type JoinCommandParts } from "../../kubeconfig/format-join-command.ts";
import { adminServer } from "../../kubeconfig/kubeconfig-list.ts";
import { skipsPhase } from "../../plan/build-plan.ts";
import type { System } from "../../system/system.ts";
import type { PreparedInit } from "./prepare-init.ts";

/** The commands that nodes join with, of each token one. They hold secrets. */
export interface JoinCommands {
  readonly worker: readonly string[];
  /** None without a control plane endpoint. */
  readonly controlPlane: readonly string[];
}

/** Source: kubeadm app/constants CertificateKeySize. */
const CERTIFICATE_KEY_BYTES = 32;

/** A new key for the certificates that are uploaded, in hexadecimal digits. */
export function createCertificateKey(system: Pick<System, "random">): string {
  return system.random.hex(CERTIFICATE_KEY_BYTES);
}

/** What must not stand in a plan: the configuration's own tokens and key, and a random key where there is none. */
export function createSecrets(system: Pick<System, "random">, config: InitConfig): ApplyContext["secrets"] {
  return {
    tokens: config.bootstrapTokens.map(({ token }) => token),
    certificateKey: config.certificateKey ?? createCertificateKey(system),
  };
}

/** Whether other machines can reach the API server: with no more than a loopback address there is nothing to join. */
export function canBeJoined({
  advertiseAddress,
  cluster,
}: {
  readonly advertiseAddress: string;
  readonly cluster: Pick<InitConfig["cluster"], "controlPlaneEndpoint">;
}): boolean {
  return !isLoopback(advertiseAddress) || cluster.controlPlaneEndpoint !== "";
}

/** How nodes join with these tokens, as far as it is to be shown. Source: kubeadm cmd/phases/init/showjoincommand.go. */
export async function readJoining(
  system: System,
  options: {
    readonly prepared: PreparedInit;
    readonly tokens: readonly string[];
    readonly secrets: Pick<ApplyContext["secrets"], "certificateKey">;
    /** Where the cluster is reached, when that is known better than from the configuration. */
    readonly server?: string;
  },
): Promise<{ readonly joinCommands: JoinCommands; readonly certificateKey: string | undefined }> {
  const { config, options: given } = options.prepared;
  const certificateKey = given.uploadCerts ? options.secrets.certificateKey : undefined;
  const tokens = skipsPhase(config.skipPhases, "show-join-command") ? [] : options.tokens;
  if (tokens.length === 0) return { joinCommands: { worker: [], controlPlane: [] }, certificateKey };
  const caPem = await system.fs.readText(join(config.cluster.certificatesDir, "ca.crt"));
  const parts = tokens.map((token) => ({
    server: options.server ?? adminServer(config),
    caPem,
    token: given.skipTokenPrint ? undefined : token,
  }));
  const shown = given.skipCertificateKeyPrint ? undefined : certificateKey;
  const controlPlane: JoinCommandParts["controlPlane"] =
    certificateKey === undefined ? "certificates-copied" : { key: shown };
  return {
    certificateKey,
    joinCommands: {
      worker: parts.map(formatJoinCommand),
      controlPlane:
        config.cluster.controlPlaneEndpoint === ""
          ? []
          : parts.map((part) => formatJoinCommand({ ...part, controlPlane })),
    },
  };
}
