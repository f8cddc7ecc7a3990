import { readLedger } from "../../apply/ledger.ts";
import { readSigner } from "../../apply/read-signer.ts";
import { parseInitConfig } from "../../config/parse-init-config.ts";
import { resolveInitConfig } from "../../config/resolve-init-config.ts";
import { CERTIFICATE_VALIDITY_MS } from "../../core/constants.ts";
import { parseDurationMs } from "../../core/duration.ts";
import { SlipwayError, whenOurs } from "../../core/errors.ts";
import { buildPaths } from "../../core/paths.ts";
import { formatRfc3339 } from "../../core/rfc3339.ts";
import { formatYaml } from "../../core/yaml.ts";
import { readMachineFacts } from "../../facts/read-machine-facts.ts";
import { formatKubeconfig } from "../../kubeconfig/format-kubeconfig.ts";
import { adminServer } from "../../kubeconfig/kubeconfig-list.ts";
import { issueCertificate } from "../../pki/issue.ts";
import { parseFirstCertificate } from "../../pki/parse-pem.ts";
import { LOST_KEY } from "../../preflight/check-earlier.ts";
import { readThere } from "../../system/read-if-there.ts";
import type { System } from "../../system/system.ts";
import { readCredentials } from "../open-cluster.ts";
import { readConfig } from "../read-config.ts";
import { expectsKey } from "../read-earlier-plane.ts";
import { authorityFiles } from "./managed-certificates.ts";

/** Who gets a kubeconfig. */
export interface UserRequest {
  readonly root: string;
  readonly configPath: string | undefined;
  readonly clientName: string;
  readonly organizations: readonly string[];
  /** In place of a certificate. A secret. */
  readonly token: string | undefined;
  /** Undefined: the cluster's usual period. */
  readonly validityPeriod: string | undefined;
  readonly warn: (line: string) => void;
}

/**
 * The text of a kubeconfig for another user; it holds their key or token. Without `--config` the server is that of the
 * root's admin.conf. Raises SLIPWAY_USAGE, SLIPWAY_CONFIG_*, SLIPWAY_FILE_ACCESS, SLIPWAY_CERT_* for a CA that cannot sign,
 * and SLIPWAY_PREFLIGHT for a CA's key that is lost.
 * Source: kubeadm cmd/kubeconfig.go, phases/kubeconfig WriteKubeConfigWithClientCert.
 */
export async function runKubeconfigUser(system: System, request: UserRequest): Promise<string> {
  const { root, configPath, clientName, token } = request;
  if (clientName.trim() === "") throw noNameError();
  const text = configPath === undefined ? undefined : await readConfig(system, configPath);
  const { config: requested } = parseInitConfig({ text, path: configPath });
  const machine = await readMachineFacts(system);
  const { config } = resolveInitConfig({ requested, root, ...machine });
  const { certPath, keyPath } = authorityFiles(config.cluster, "ca");
  const caPem = await readThere(system, certPath);
  const server =
    configPath === undefined
      ? (await readCredentials(system, `${root.replace(/\/$/, "")}/etc/kubernetes/admin.conf`)).server
      : adminServer(config);
  const spec = { server, clusterName: config.cluster.clusterName, userName: clientName };
  if (token !== undefined) return formatTokenKubeconfig({ spec, caPem, token });
  const validityMs = readPeriod(request.validityPeriod) ?? config.cluster.certificateValidityMs;
  await refuseLostKey(system, { root, keyPath });
  const signer = await readSigner(system, { certPath, keyPath });
  warnOfPeriod(request, { validityMs, caPem, nowMs: system.clock.nowMs() });
  const keyPair = await issueCertificate({
    spec: {
      subject: { commonName: clientName, organizations: request.organizations },
      isCa: false,
      usages: ["clientAuth"],
      dnsNames: [],
      ipAddresses: [],
      algorithm: config.cluster.encryptionAlgorithm,
      validityMs,
    },
    signer,
    nowMs: system.clock.nowMs(),
    notBefore: "ca",
  });
  return formatKubeconfig({ spec, caPem, keyPair });
}

function noNameError(): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_USAGE",
    what: "no kubeconfig was made",
    why: "the name of --client-name is empty, and the API server knows nobody without one",
    fix: "name the user with --client-name",
  });
}

/** Source: kubeadm cmd/kubeconfig.go newCmdUserKubeConfig; that the CA ends all is ours. */
function warnOfPeriod(
  { warn, clientName }: UserRequest,
  options: { readonly validityMs: number; readonly caPem: string; readonly nowMs: number },
): void {
  const { validityMs, caPem, nowMs } = options;
  const notAfterMs = Date.parse(parseFirstCertificate(caPem)?.validTo ?? "");
  if (nowMs + validityMs > notAfterMs)
    warn(
      `the CA ends on ${formatRfc3339(notAfterMs)}, before this certificate of ${clientName}, which ends with it`,
    );
  else if (validityMs > CERTIFICATE_VALIDITY_MS)
    warn(`the certificate of ${clientName} is valid for more than a year, and cannot be called back`);
}

function readPeriod(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const periodMs = parseDurationMs(text);
  if (periodMs !== undefined && periodMs > 0) return periodMs;
  throw new SlipwayError({
    code: "SLIPWAY_USAGE",
    what: `--validity-period ${text} cannot be used`,
    why: "it is not a duration above zero and below 292 years",
    fix: "write it like 8760h or 24h0m0s",
  });
}

function formatTokenKubeconfig(options: {
  readonly spec: { readonly server: string; readonly clusterName: string; readonly userName: string };
  readonly caPem: string;
  readonly token: string;
}): string {
  const { spec, caPem, token } = options;
  const name = `${spec.userName}@${spec.clusterName}`;
  const data = Buffer.from(caPem).toString("base64");
  return formatYaml({
    apiVersion: "v1",
    clusters: [
      { cluster: { "certificate-authority-data": data, server: spec.server }, name: spec.clusterName },
    ],
    contexts: [{ context: { cluster: spec.clusterName, user: spec.userName }, name }],
    "current-context": name,
    kind: "Config",
    users: [{ name: spec.userName, user: { token } }],
  });
}

/** Of a key that init had and that is gone it is told what to do. Raises SLIPWAY_PREFLIGHT. */
async function refuseLostKey(
  system: System,
  { root, keyPath }: { readonly root: string; readonly keyPath: string },
): Promise<void> {
  if ((await system.fs.stat(keyPath)) !== undefined) return;
  const ledger = await readLedger(system, buildPaths({ root, uid: system.host.uid })).catch(whenOurs);
  if (!expectsKey(ledger, keyPath)) return;
  throw new SlipwayError({ code: "SLIPWAY_PREFLIGHT", what: `there is no ${keyPath}`, ...LOST_KEY });
}
