import { checkCertificate } from "../pki/check-certificate.ts";
import { parseFirstCertificate } from "../pki/parse-pem.ts";
import { describeKubeconfigFault } from "./describe-kubeconfig-fault.ts";
import { type KubeconfigSource, parseKubeconfig } from "./parse-kubeconfig.ts";
import type { KubeconfigSpec } from "./types.ts";

/**
 * Returns when an existing kubeconfig fits the cluster: same server, same CA, a client certificate of that CA with
 * the right user and groups that is valid now, and its key. Raises the first reason why not:
 * SLIPWAY_KUBECONFIG_INVALID or what `checkCertificate` raises. `caPem` undefined: the cluster has no CA (yet).
 * Stricter than kubeadm, which only compares the CA and warns of another server.
 */
export function checkKubeconfig(
  existing: KubeconfigSource & {
    readonly spec: KubeconfigSpec;
    readonly caPem: string | undefined;
    readonly nowMs: number;
  },
): void {
  const { path, spec, caPem, nowMs } = existing;
  const { server, ca, cert, key } = parseKubeconfig(existing);
  if (server !== spec.server) {
    throw describeKubeconfigFault({ path, why: `its server is ${server}, this cluster's is ${spec.server}` });
  }
  const trusted = parseFirstCertificate(ca)?.fingerprint256;
  if (trusted === undefined) throw describeKubeconfigFault({ path, why: "its CA is not a certificate" });
  if (caPem === undefined || parseFirstCertificate(caPem)?.fingerprint256 !== trusted) {
    throw describeKubeconfigFault({ path, why: "it trusts another CA than this cluster's" });
  }
  checkCertificate({
    certPem: cert,
    keyPem: key,
    caPem,
    spec: spec.certificate,
    nowMs,
    certPath: path,
    keyPath: path,
  });
}
