import { isObject } from "../core/json.ts";
import { formatYaml, parseYamlDocuments } from "../core/yaml.ts";
import type { KeyPair } from "../pki/types.ts";

/** The text of a kubeconfig with another client certificate and key for every user that has one embedded. */
export function replaceClientPair(text: string, pair: KeyPair): string {
  const config = parseYamlDocuments(text)[0]?.value;
  if (!isObject(config) || !Array.isArray(config["users"])) throw new Error("an unchecked kubeconfig");
  const users = config["users"].map((entry: unknown) => {
    if (!isObject(entry) || !isObject(entry["user"])) return entry;
    const user = {
      ...entry["user"],
      "client-certificate-data": Buffer.from(pair.certPem).toString("base64"),
      "client-key-data": Buffer.from(pair.keyPem).toString("base64"),
    };
    return { ...entry, user };
  });
  return formatYaml({ ...config, users });
}
