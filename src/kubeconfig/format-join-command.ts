import { createHash, X509Certificate } from "node:crypto";

const CERTIFICATE_BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;
const WITHHELD = "<value withheld>";

/** What a join command names. An undefined token or key is withheld. */
export interface JoinCommandParts {
  /** `https://10.0.0.1:6443` */
  readonly server: string;
  /** Every CA in it is pinned. */
  readonly caPem: string;
  readonly token: string | undefined;
  /** For a control plane; `key` undefined inside: withheld; `certificates` copied by hand: no key at all. */
  readonly controlPlane?: { readonly key: string | undefined } | "certificates-copied";
}

/**
 * The words of `kubeadm join`, a line each as they are shown. Holds secrets. Source: kubeadm cmd/util/join.go.
 */
export function listJoinWords(parts: JoinCommandParts): readonly string[] {
  const pins = [...parts.caPem.matchAll(CERTIFICATE_BLOCK)].map(
    ([pem]) => `--discovery-token-ca-cert-hash ${computePin(pem)}`,
  );
  const { controlPlane } = parts;
  const key =
    controlPlane === undefined || controlPlane === "certificates-copied"
      ? ""
      : ` --certificate-key ${controlPlane.key ?? WITHHELD}`;
  return [
    `kubeadm join ${parts.server.replace("https://", "")} --token ${parts.token ?? WITHHELD}`,
    pins.join(" "),
    ...(controlPlane === undefined ? [] : [`--control-plane${key}`]),
  ];
}

/** The command on several lines, for people. */
export function formatJoinCommand(parts: JoinCommandParts): string {
  return listJoinWords(parts).join(" \\\n\t");
}

/** Source: kubeadm util/pubkeypin Hash: SHA-256 of the SubjectPublicKeyInfo. */
function computePin(pem: string): string {
  const spki = new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" });
  return `sha256:${createHash("sha256").update(spki).digest("hex")}`;
}
