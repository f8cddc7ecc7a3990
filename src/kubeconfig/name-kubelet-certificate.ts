import { isObject } from "../core/json.ts";
import { formatYaml, parseYamlDocuments } from "../core/yaml.ts";
import { describeKubeconfigFault } from "./describe-kubeconfig-fault.ts";

/**
 * A kubelet's kubeconfig with the path of its own certificate, which holds the key, too, in place of embedded data.
 * Raises SLIPWAY_KUBECONFIG_INVALID. Source: kubeadm cmd/phases/init/kubeletfinalize.go.
 */
export function nameKubeletCertificate(file: {
  readonly text: string;
  readonly path: string;
  readonly certPath: string;
}): string {
  const value = parseYamlDocuments(file.text)[0]?.value;
  const users: unknown = isObject(value) ? value["users"] : undefined;
  if (!isObject(value) || !Array.isArray(users))
    throw describeKubeconfigFault({ path: file.path, why: "it has no users" });
  const named = { "client-certificate": file.certPath, "client-key": file.certPath };
  return formatYaml({
    ...value,
    users: users.map((user: unknown) => (isObject(user) ? { ...user, user: named } : user)),
  });
}
