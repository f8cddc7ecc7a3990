import { quote } from "./field-rules.ts";
import type { FieldFinding, FieldPath } from "./findings.ts";
import type { JoinDocument } from "./schema.ts";

/**
 * What is wrong with how a new node finds the cluster. That a file is there is the joining machine's to see.
 * Source: kubeadm validation ValidateDiscovery.
 */
export function checkJoin(join: JoinDocument): readonly FieldFinding[] {
  const at = (path: FieldPath, message: string): FieldFinding => ({
    kind: "JoinConfiguration",
    path: ["discovery", ...path],
    message,
  });
  const { bootstrapToken: token, file, tlsBootstrapToken } = join.discovery ?? {};
  if (token && file) return [at([], "bootstrapToken and file exclude each other")];
  if (file) {
    const { kubeConfigPath } = file;
    const isUrl = /^[a-z][a-z0-9+.-]*:/i.test(kubeConfigPath ?? "");
    if (kubeConfigPath && (!isUrl || /^(?:https|file):/.test(kubeConfigPath))) return [];
    return [
      at(["file", "kubeConfigPath"], "must be the path of a kubeconfig, or a URL that begins with https://"),
    ];
  }
  if (!token) return [at([], "bootstrapToken or file is needed")];
  const endpoint = token.apiServerEndpoint ?? "";
  return [
    ...(token.token || tlsBootstrapToken ? [] : [at(["bootstrapToken", "token"], "a token is needed")]),
    ...(token.caCertHashes?.length || token.unsafeSkipCAVerification
      ? []
      : [
          at(["bootstrapToken", "caCertHashes"], "name the CA's hash, or set unsafeSkipCAVerification: true"),
        ]),
    ...(/^(?:[^:\s]+|\[[^\]\s]+\]):[^:\s]*$/.test(endpoint)
      ? []
      : [at(["bootstrapToken", "apiServerEndpoint"], `${quote(endpoint)} is not HOST:PORT`)]),
  ];
}
