import type { BinaryName } from "../types.ts";

/** Where a program of a release is downloaded from. */
export interface ReleaseFile {
  readonly url: string;
  /** A text that holds the SHA-256 of what `url` gives. */
  readonly sumUrl: string;
  /** The name by which a list of sums names the file; undefined: the text holds this one sum. */
  readonly sumName: string | undefined;
  /** The program's path in the archive; undefined: the file is the program. */
  readonly archiveMember: string | undefined;
}

const KUBERNETES_BASE = "https://dl.k8s.io";
const ETCD_BASE = "https://github.com/etcd-io/etcd/releases/download";

/**
 * The official place of a program, or the same layout on a mirror: `<mirror>/release/v1.37.2/bin/linux/amd64/kubectl`
 * and `<mirror>/etcd/v3.7.0/etcd-v3.7.0-linux-amd64.tar.gz`.
 * Source: kubernetes.io/releases/download; etcd's release pages (SHA256SUMS beside the archives).
 */
export function selectReleaseFile(options: {
  readonly name: BinaryName;
  readonly version: string;
  readonly architecture: string;
  readonly mirror: string | undefined;
}): ReleaseFile {
  const { name, version, architecture } = options;
  const mirror = options.mirror?.replace(/\/+$/, "");
  if (name !== "etcd") {
    const url = `${mirror ?? KUBERNETES_BASE}/release/${version}/bin/linux/${architecture}/${name}`;
    return { url, sumUrl: `${url}.sha256`, sumName: undefined, archiveMember: undefined };
  }
  const base = `${mirror === undefined ? ETCD_BASE : `${mirror}/etcd`}/${version}`;
  const stem = `etcd-${version}-linux-${architecture}`;
  const sumName = `${stem}.tar.gz`;
  return { url: `${base}/${sumName}`, sumUrl: `${base}/SHA256SUMS`, sumName, archiveMember: `${stem}/etcd` };
}

/** The SHA-256 out of a `.sha256` file or a list in the format of sha256sum; undefined when it is not there. */
export function parseSum(text: string, sumName: string | undefined): string | undefined {
  const lines = text.split("\n").map((line) => /^([0-9a-fA-F]{64})(?:\s+\*?(?:\.\/)?(\S+))?\s*$/.exec(line));
  const line = lines.find((match) => match !== null && (sumName === undefined || match[2] === sumName));
  return line?.[1]?.toLowerCase();
}
