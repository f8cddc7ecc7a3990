import { isObject } from "../core/json.ts";
import { formatYaml, parseYamlDocuments } from "../core/yaml.ts";
import type { KeyPair } from "../pki/types.ts";
import { replaceClientPair } from "./replace-client-pair.ts";

/**
 * A kubeconfig with another client certificate and key, and with the CA as it is now; all else stays.
 * Source: kubeadm phases/certs/renewal/readwriter.go kubeConfigReadWriter Write.
 */
export function renewKubeconfig(
  text: string,
  renewed: { readonly caPem: string; readonly keyPair: KeyPair },
): string {
  const config = parseYamlDocuments(replaceClientPair(text, renewed.keyPair))[0]?.value;
  if (!isObject(config) || !Array.isArray(config["clusters"])) throw new Error("an unchecked kubeconfig");
  const data = Buffer.from(renewed.caPem).toString("base64");
  const clusters = config["clusters"].map((entry: unknown) => {
    if (!isObject(entry) || !isObject(entry["cluster"])) return entry;
    return { ...entry, cluster: { ...entry["cluster"], "certificate-authority-data": data } };
  });
  return formatYaml({ ...config, clusters });
}
