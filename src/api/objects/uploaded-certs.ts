import { createCipheriv } from "node:crypto";
import type { Random } from "../../system/random.ts";
import type { KubeObject } from "../types.ts";
import { BOOTSTRAP_TOKEN_GROUP, buildReaders } from "./rbac.ts";

/** The Secret that a joining control plane takes the shared certificates from. */
const CERTS_SECRET = "kubeadm-certs";

/** The token whose end takes the Secret with it. Source: kubeadm phases/copycerts; constants DefaultCertTokenDuration. */
export const CERTS_TOKEN = {
  description: "Proxy for managing TTL for the kubeadm-certs secret",
  ttlMs: 2 * 3_600_000,
  expires: undefined,
  usages: [],
  groups: [],
} as const;

/** Source: Go crypto/cipher NewGCM: its nonce size. */
const NONCE_BYTES = 12;

/** AES-256-GCM with the nonce before and the tag behind. Source: kubeadm util/crypto EncryptBytes. */
export function encryptFile(
  text: string,
  options: { readonly key: string; readonly random: Pick<Random, "bytes"> },
): Buffer {
  const nonce = options.random.bytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", Buffer.from(options.key, "hex"), nonce);
  return Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
}

/** The Secret; it ends with the token that owns it. An undefined file is kept as an empty value. */
export function buildCertsSecret(
  files: Readonly<Record<string, Buffer | undefined>>,
  owner: { readonly name: string; readonly uid: string },
): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: CERTS_SECRET,
      namespace: "kube-system",
      ownerReferences: [
        { apiVersion: "v1", kind: "Secret", ...owner, controller: true, blockOwnerDeletion: true },
      ],
    },
    data: Object.fromEntries(
      Object.entries(files).map(([name, content]) => [name, content?.toString("base64") ?? ""]),
    ),
  };
}

/** Who may read the Secret. Source: kubeadm phases/copycerts createRBAC. */
export function buildCertsReaders(): readonly KubeObject[] {
  return buildReaders("kubeadm:kubeadm-certs", {
    namespace: "kube-system",
    resource: "secrets",
    object: CERTS_SECRET,
    subjects: [{ kind: "Group", name: BOOTSTRAP_TOKEN_GROUP }],
  });
}
