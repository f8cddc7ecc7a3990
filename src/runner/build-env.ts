import type { Container, Pod } from "../pod/types.ts";
import { type Env, expandVariables } from "./expand-variables.ts";

/** The environment, or the variable that cannot be made. */
export type BuiltEnv =
  | { readonly kind: "env"; readonly env: Env }
  | { readonly kind: "problem"; readonly message: string };

/**
 * A container's own variables: literal text with `$(NAME)` of earlier ones, and fields of the pod.
 * Source: kubelet_pods.go makeEnvironmentVariables, podFieldSelectorRuntimeValue.
 */
export function buildEnv(options: {
  readonly pod: Pod;
  readonly container: Container;
  readonly nodeIp: string;
}): BuiltEnv {
  const env: Record<string, string> = {};
  for (const variable of options.container.env ?? []) {
    const { name, valueFrom } = variable;
    if (valueFrom === undefined) {
      env[name] = expandVariables(variable.value ?? "", env);
      continue;
    }
    const path = valueFrom.fieldRef?.fieldPath;
    const value = path === undefined ? undefined : selectField(path, options);
    if (value === undefined) {
      const source = path === undefined ? Object.keys(valueFrom).join(", ") : `field ${path}`;
      return { kind: "problem", message: `variable ${name}: its source (${source}) is not supported` };
    }
    env[name] = value;
  }
  return { kind: "env", env };
}

function selectField(
  path: string,
  options: { readonly pod: Pod; readonly nodeIp: string },
): string | undefined {
  const { metadata, spec } = options.pod;
  const fields: Readonly<Record<string, string>> = {
    "metadata.name": metadata.name,
    "metadata.namespace": metadata.namespace,
    "metadata.uid": metadata.uid,
    "spec.nodeName": spec.nodeName ?? "",
    "spec.serviceAccountName": "",
    "status.hostIP": options.nodeIp,
    "status.hostIPs": options.nodeIp,
    "status.podIP": options.nodeIp,
    "status.podIPs": options.nodeIp,
  };
  if (Object.hasOwn(fields, path)) return fields[path];
  const keyed = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (keyed === null) return undefined;
  const entries = keyed[1] === "labels" ? metadata.labels : metadata.annotations;
  return entries?.[keyed[2] ?? ""] ?? "";
}
