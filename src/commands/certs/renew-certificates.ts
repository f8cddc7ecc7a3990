import { createPrivateKey, X509Certificate } from "node:crypto";
import { dirname, join } from "node:path";
import { CERTIFICATE_VALIDITY_MS } from "../../core/constants.ts";
import { parseKubeconfig } from "../../kubeconfig/parse-kubeconfig.ts";
import { replaceClientPair } from "../../kubeconfig/replace-client-pair.ts";
import { isSelfSigned } from "../../pki/is-self-signed.ts";
import { issueCertificate, issueCertificateRequest } from "../../pki/issue.ts";
import { readCertificateSpec } from "../../pki/read-certificate-spec.ts";
import type { KeyPair } from "../../pki/types.ts";
import type { CertificateRenewal, KubeletConfiguration } from "../../runner/types.ts";
import type { System } from "../../system/system.ts";

/**
 * Renews what the runner identifies itself with: the pair embedded in its kubeconfig, and its serving pair. The CA is
 * the one that it trusts for clients, with its key beside it; what it serves with may have a CA of its own beside it, or
 * be signed by itself.
 */
export function createRenewal(
  system: Pick<System, "fs" | "clock">,
  options: { readonly kubeconfigPath: string; readonly kubelet: KubeletConfiguration },
): CertificateRenewal {
  const { kubeconfigPath, kubelet } = options;
  const readClient = async (): Promise<X509Certificate> => {
    const text = await system.fs.readText(kubeconfigPath);
    return new X509Certificate(parseKubeconfig({ text, path: kubeconfigPath }).cert);
  };
  const replaceClient = async (pair: KeyPair): Promise<void> => {
    if (!new X509Certificate(pair.certPem).checkPrivateKey(createPrivateKey(pair.keyPem)))
      throw new Error("the certificate that was issued is for another key");
    const text = await system.fs.readText(kubeconfigPath);
    await system.fs.writeAtomic(kubeconfigPath, { data: replaceClientPair(text, pair), mode: 0o600 });
  };
  return {
    makeRequest: async () => {
      const { subject, algorithm } = readCertificateSpec(await readClient());
      return issueCertificateRequest({ subject, algorithm });
    },
    replaceClient,
    signHere: async (which) => {
      const { tlsCertFile = "", tlsPrivateKeyFile = "" } = kubelet;
      const old =
        which === "client" ? await readClient() : new X509Certificate(await system.fs.readText(tlsCertFile));
      const own = which === "client" ? undefined : await readCa(system, besideOf(tlsCertFile));
      const signer = own ?? (await readCa(system, kubelet.clientCAFile));
      const itself = which === "serving" && isSelfSigned(old);
      if (signer === undefined && !itself) return false;
      const pair = await issueCertificate({
        spec: { ...readCertificateSpec(old), validityMs: CERTIFICATE_VALIDITY_MS },
        nowMs: system.clock.nowMs(),
        ...(itself || signer === undefined ? {} : { signer }),
      });
      if (which === "client") await replaceClient(pair);
      else {
        await system.fs.writeAtomic(tlsPrivateKeyFile, { data: pair.keyPem, mode: 0o600 });
        await system.fs.writeAtomic(tlsCertFile, { data: pair.certPem, mode: 0o644 });
      }
      return true;
    },
  };
}

function besideOf(path: string): string {
  return join(dirname(path), "ca.crt");
}

/** The CA with its key; undefined where the key is kept elsewhere. */
async function readCa(
  system: Pick<System, "fs">,
  certPath: string | undefined,
): Promise<KeyPair | undefined> {
  if (certPath === undefined) return undefined;
  const [certPem, keyPem] = await Promise.all([
    system.fs.readTextIfExists(certPath),
    system.fs.readTextIfExists(join(dirname(certPath), "ca.key")),
  ]);
  return certPem === undefined || keyPem === undefined ? undefined : { certPem, keyPem };
}
