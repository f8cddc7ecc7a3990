import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseYamlDocuments } from "../../../src/core/yaml.ts";
import { childrenOf, contentOf, decodeDer } from "../../../src/pki/der.ts";

/** What a file or directory is, without what differs by chance from run to run. */
export type Observed = Readonly<Record<string, unknown>>;

/** All that lies below the directories of a root, by path under the root; the root's own path is taken out of texts. */
export function observeFiles(root: string, dirs: readonly string[]): Readonly<Record<string, Observed>> {
  const paths = dirs.flatMap((dir) => walk(join(root, dir)));
  return Object.fromEntries(
    paths.map((path): [string, Observed] => {
      const { mode, uid, gid } = lstatSync(path);
      const what = lstatSync(path).isDirectory() ? {} : observeContent(path, root);
      return [relative(root, path), { mode: (mode & 0o7777).toString(8), owner: `${uid}:${gid}`, ...what }];
    }),
  );
}

function walk(path: string): readonly string[] {
  let status: ReturnType<typeof lstatSync>;
  try {
    status = lstatSync(path);
  } catch {
    return [];
  }
  if (!status.isDirectory()) return [path];
  return [
    path,
    ...readdirSync(path)
      .sort()
      .flatMap((name) => walk(join(path, name))),
  ];
}

function observeContent(path: string, root: string): Observed {
  const text = readFileSync(path, "utf8").replaceAll(`${root}/`, "/");
  if (path.endsWith(".crt")) return { certificate: observeCertificate(text) };
  if (path.endsWith(".csr")) return { request: text.split("\n")[0] };
  if (path.endsWith(".key")) return { pem: text.split("\n")[0], key: describeKey(createPrivateKey(text)) };
  if (path.endsWith(".pub")) return { pem: text.split("\n")[0], key: describeKey(createPublicKey(text)) };
  if (path.endsWith(".conf")) return { kubeconfig: observeKubeconfig(text, path) };
  if (path.endsWith(".yaml")) return { documents: parseYamlDocuments(text).map(({ value }) => value) };
  return { text };
}

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
}

function observeKubeconfig(text: string, path: string): unknown {
  const config = parseYamlDocuments(text)[0]?.value as Kubeconfig;
  const decode = (value: string): string => Buffer.from(value, "base64").toString();
  return JSON.parse(JSON.stringify(config), (key, value: unknown) => {
    if (typeof value !== "string" || !key.endsWith("-data")) return value;
    const pem = decode(value);
    if (key === "client-key-data") return describeKey(createPrivateKey(pem));
    if (key === "certificate-authority-data") return isCa(pem, path);
    return observeCertificate(pem);
  });
}

/** Whether a kubeconfig trusts the CA beside it. */
function isCa(pem: string, path: string): unknown {
  const { fingerprint256 } = new X509Certificate(pem);
  for (const dir of ["pki", "../../srv/pki"]) {
    try {
      const ca = new X509Certificate(readFileSync(join(path, "..", dir, "ca.crt")));
      return ca.fingerprint256 === fingerprint256 ? "the cluster's CA" : "another CA";
    } catch {}
  }
  return "no CA";
}

/** Ten minutes are more than a run takes, and less than any difference that would matter. */
const ROUND_MS = 600_000;

function observeCertificate(pem: string): Observed {
  const certificate = new X509Certificate(pem);
  const { subject, issuer, subjectAltName, ca, publicKey } = certificate;
  const period = Date.parse(certificate.validTo) - Date.parse(certificate.validFrom);
  return {
    subject,
    issuer,
    names: subjectAltName ?? "",
    ca,
    usages: (certificate.keyUsage as readonly string[] | undefined) ?? [],
    key: describeKey(publicKey),
    validity: Math.round(period / ROUND_MS),
    age: Math.round((Date.now() - Date.parse(certificate.validFrom)) / ROUND_MS),
    extensions: listExtensions(certificate.raw),
  };
}

/** Type and critical flag of each extension in order, the value of those that hold no key identifier. */
function listExtensions(der: Uint8Array): readonly string[] {
  const fields = childrenOf(childrenOf(decodeDer(der))[0]);
  return childrenOf(childrenOf(fields.at(-1))[0]).map((extension) => {
    const parts = childrenOf(extension).map((part) =>
      Buffer.from(contentOf(part) ?? "", "latin1").toString("hex"),
    );
    const isKeyId = ["551d0e", "551d23"].includes(parts[0] ?? "");
    return (isKeyId ? parts.slice(0, -1) : parts).join(" ");
  });
}

function describeKey(key: {
  readonly asymmetricKeyType?: string;
  readonly asymmetricKeyDetails?: object;
}): string {
  const { modulusLength, namedCurve } = (key.asymmetricKeyDetails ?? {}) as Record<string, unknown>;
  return `${key.asymmetricKeyType} ${modulusLength ?? namedCurve}`;
}
