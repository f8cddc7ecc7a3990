import { join } from "node:path";
import { type ClusterPaths, hardeningPaths } from "../../core/paths.ts";
import type { System } from "../../system/system.ts";

/** Shorter lines of a key could stand in any text by chance, and give nothing away. */
const MIN_LENGTH = 16;

/** `client-key-data` and `token` of a kubeconfig, `secret` of what Secrets are encrypted with. */
const KUBECONFIG_SECRET = /\b(?:client-key-data|token|secret):\s*(\S+)/g;

/**
 * The lines of every private key of a cluster and the secrets of its kubeconfigs, as they stand in their files,
 * decoded and encoded, so that they can be left out wherever they come up. Never to be shown.
 */
export async function readKeyTexts(system: System, paths: ClusterPaths): Promise<readonly string[]> {
  const { apiServerDir, etcdDir } = hardeningPaths(paths.root);
  const keyDirs = [etcdDir, paths.pkiDir, join(paths.pkiDir, "etcd"), join(paths.servingKeyPath, "..")];
  const [keys, kubeconfigs, encryption] = await Promise.all([
    Promise.all(keyDirs.map((dir) => readMatching(system, { dir, pattern: /\.key$/ }))),
    readMatching(system, { dir: paths.kubernetesDir, pattern: /\.conf$/ }),
    readMatching(system, { dir: apiServerDir, pattern: /^encryption\.yaml$/ }),
  ]);
  const data = [...kubeconfigs, ...encryption].flatMap((text) =>
    [...text.matchAll(KUBECONFIG_SECRET)].map(([, value = ""]) => value),
  );
  const decoded = data.map((value) => Buffer.from(value, "base64").toString("utf8"));
  const texts = [...keys.flat(), ...decoded];
  const lines = texts.flatMap((text) => text.split("\n"));
  const encoded = [...data, ...texts].flatMap((text) => [text, text.trimEnd()].map(encode));
  const wanted = [...data, ...encoded, ...lines].filter(
    (line) => line.length >= MIN_LENGTH && !line.startsWith("-----"),
  );
  return [...new Set(wanted)];
}

/** As a kubeconfig or a Secret would hold it. */
function encode(text: string): string {
  return Buffer.from(text).toString("base64");
}

async function readMatching(
  system: System,
  { dir, pattern }: { readonly dir: string; readonly pattern: RegExp },
): Promise<readonly string[]> {
  const names = await system.fs.list(dir).catch(() => []);
  return Promise.all(
    names
      .filter((name) => pattern.test(name))
      .map((name) => system.fs.readText(join(dir, name)).catch(() => "")),
  );
}
