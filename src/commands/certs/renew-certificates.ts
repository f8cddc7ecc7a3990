import { X509Certificate } from "node:crypto";
import { dirname, join } from "node:path";
import { readSigner } from "../../apply/read-signer.ts";
import { writePair } from "../../apply/write-pair.ts";
import { CERTIFICATE_VALIDITY_MS } from "../../core/constants.ts";
import { SlipwayError } from "../../core/errors.ts";
import { parseKubeconfig } from "../../kubeconfig/parse-kubeconfig.ts";
import { replaceClientPair } from "../../kubeconfig/replace-client-pair.ts";
import { buildServingSpec } from "../../pki/certificate-spec.ts";
import { isPair } from "../../pki/is-pair.ts";
import { isSelfSigned } from "../../pki/is-self-signed.ts";
import { issueCertificate, issueCertificateRequest } from "../../pki/issue.ts";
import { readCertificateSpec } from "../../pki/read-certificate-spec.ts";
import type { CertificateSpec, KeyPair } from "../../pki/types.ts";
import type { CertificateRenewal, KubeletConfiguration, SigningOutcome } from "../../runner/types.ts";
import type { System } from "../../system/system.ts";

/**
 * Renews what the runner identifies itself with: the pair embedded in its kubeconfig, and its serving pair. The CA is
 * the one that it trusts for clients, with its key beside it; what it serves with may have a CA of its own beside it, or
 * be signed by itself. A certificate of any other CA is left to those who made it. `ownServing` is what the serving
 * certificate is for, where it is the runner's own and may be made again when it is lost.
 */
export function createRenewal(
  system: Pick<System, "fs" | "clock" | "random">,
  options: {
    readonly kubeconfigPath: string;
    readonly kubelet: KubeletConfiguration;
    readonly ownServing:
      | {
          readonly nodeName: string;
          readonly address: string;
          /** Whether nobody else is about to make it. */
          readonly mayMake: () => Promise<boolean>;
        }
      | undefined;
  },
): CertificateRenewal {
  const client = renewClient(system, options);
  const serving = renewServing(system, options);
  return {
    makeRequest: client.makeRequest,
    replaceClient: client.replace,
    readServing: serving.read,
    signHere: (which) => (which === "client" ? client.sign() : serving.sign()).catch(refuseOurs),
  };
}

type Options = Parameters<typeof createRenewal>[1];

function renewClient(
  system: Pick<System, "fs" | "clock">,
  { kubeconfigPath, kubelet }: Pick<Options, "kubeconfigPath" | "kubelet">,
) {
  const read = async (): Promise<X509Certificate> => {
    const text = await system.fs.readText(kubeconfigPath);
    return new X509Certificate(parseKubeconfig({ text, path: kubeconfigPath }).cert);
  };
  const replace = async (pair: KeyPair): Promise<void> => {
    if (!isPair(pair)) throw new Error("the certificate that was issued is for another key");
    const text = await system.fs.readText(kubeconfigPath);
    await system.fs.writeAtomic(kubeconfigPath, { data: replaceClientPair(text, pair), mode: 0o600 });
  };
  return {
    replace,
    makeRequest: async () => {
      const { subject, algorithm } = readCertificateSpec(await read());
      return issueCertificateRequest({ subject, algorithm });
    },
    sign: async (): Promise<SigningOutcome> => {
      const signer = await readCa(system, kubelet.clientCAFile);
      if (signer === undefined) return refuse(NO_CA_KEY);
      await replace(await issueNext(system, { spec: readCertificateSpec(await read()), signer }));
      return SIGNED;
    },
  };
}

function renewServing(
  system: Pick<System, "fs" | "clock" | "random">,
  { kubelet, ownServing }: Pick<Options, "kubelet" | "ownServing">,
) {
  const { tlsCertFile = "", tlsPrivateKeyFile = "", clientCAFile } = kubelet;
  const read = async (): Promise<string | undefined> => {
    const [certPem, keyPem] = await Promise.all([
      system.fs.readTextIfExists(tlsCertFile),
      system.fs.readTextIfExists(tlsPrivateKeyFile),
    ]);
    if (certPem === undefined || keyPem === undefined) return undefined;
    return isPair({ certPem, keyPem }) ? certPem : undefined;
  };
  const replace = async (next: Parameters<typeof issueNext>[1]): Promise<SigningOutcome> => {
    const pair = await issueNext(system, next);
    await writePair(system, { keyPath: tlsPrivateKeyFile, certPath: tlsCertFile, pair });
    return SIGNED;
  };
  const sign = async (): Promise<SigningOutcome> => {
    const certPem = await read();
    const old = certPem === undefined ? undefined : new X509Certificate(certPem);
    if (old !== undefined && isSelfSigned(old)) return replace({ spec: readCertificateSpec(old) });
    const besideIt = await readCa(system, join(dirname(tlsCertFile), "ca.crt"));
    const signer = besideIt ?? (await readCa(system, clientCAFile));
    if (signer === undefined) return refuse(NO_CA_KEY);
    const ca = new X509Certificate(signer.certPem);
    if (old?.checkIssued(ca) === false) return refuse(OTHER_CA);
    if (old !== undefined) return replace({ spec: readCertificateSpec(old), signer });
    if (ownServing === undefined) return refuse(NOT_OWN);
    const { mayMake, ...names } = ownServing;
    if (!(await mayMake())) return refuse(NOT_YET);
    const { algorithm } = readCertificateSpec(ca);
    return replace({ spec: buildServingSpec({ ...names, algorithm }), signer });
  };
  return { read, sign };
}

function issueNext(
  system: Pick<System, "clock">,
  next: { readonly spec: Omit<CertificateSpec, "validityMs">; readonly signer?: KeyPair },
): Promise<KeyPair> {
  const spec = { ...next.spec, validityMs: CERTIFICATE_VALIDITY_MS };
  return issueCertificate({ ...next, spec, nowMs: system.clock.nowMs() });
}

const NOT_YET = "it is not there, and init, which makes it, has not come to its end";
const NOT_OWN = "it is lost, is not the runner's own, and has to be put back";
const OTHER_CA = "it is of another CA than the one whose key is on this machine";
const NO_CA_KEY = "the CA's key is not on this machine";
const SIGNED: SigningOutcome = { kind: "signed" };

function refuse(reason: string): SigningOutcome {
  return { kind: "refused", reason };
}

/** Such as a CA that cannot sign, or a file that cannot be written. */
function refuseOurs(error: unknown): SigningOutcome {
  if (error instanceof SlipwayError) return refuse(error.message);
  throw error;
}

/** The CA with its key; undefined where the key is kept elsewhere. Raises what `readSigner` raises. */
async function readCa(
  system: Pick<System, "fs" | "clock">,
  certPath: string | undefined,
): Promise<KeyPair | undefined> {
  if (certPath === undefined) return undefined;
  const keyPath = join(dirname(certPath), "ca.key");
  const found = await Promise.all([certPath, keyPath].map((path) => system.fs.stat(path)));
  return found.includes(undefined) ? undefined : readSigner(system, { certPath, keyPath });
}
