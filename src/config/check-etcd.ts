import { quote } from "./field-rules.ts";
import type { FieldFinding, FieldPath } from "./findings.ts";
import type { ClusterDocument } from "./schema.ts";

/** What is wrong with the choice of an etcd of others. Source: kubeadm validation ValidateEtcd. */
export function checkEtcd(cluster: ClusterDocument): readonly FieldFinding[] {
  const { local, external } = cluster.etcd ?? {};
  if (external === undefined || external === null) return [];
  const at = (path: FieldPath, message: string): FieldFinding => ({
    kind: "ClusterConfiguration",
    path: ["etcd", ...path],
    message,
  });
  if (local !== undefined && local !== null) return [at([], "local and external exclude each other")];
  const { endpoints, httpEndpoints, caFile, certFile, keyFile } = external;
  const secure = Boolean(caFile || certFile || keyFile);
  const urls = (name: "endpoints" | "httpEndpoints", needsTls: boolean): readonly FieldFinding[] =>
    (name === "endpoints" ? endpoints : httpEndpoints)?.flatMap((url, index) => {
      const problem = describeUrlProblem(url, needsTls);
      return problem === undefined ? [] : [at(["external", name, index], problem)];
    }) ?? [];
  return [
    ...(endpoints?.length ? [] : [at(["external", "endpoints"], "at least one endpoint is needed")]),
    ...urls("endpoints", secure),
    ...urls("httpEndpoints", false),
    ...(Boolean(certFile) === Boolean(keyFile)
      ? []
      : [at(["external"], "certFile and keyFile belong together; set both or none")]),
    ...(certFile && keyFile && !caFile ? [at(["external"], "certFile and keyFile need a caFile")] : []),
  ];
}

function describeUrlProblem(text: string, needsTls: boolean): string | undefined {
  if (!URL.canParse(text)) return `${quote(text)} is not a URL; write it like https://10.0.0.5:2379`;
  if (needsTls && new URL(text).protocol !== "https:") return `${quote(text)} must begin with https://`;
  return undefined;
}
