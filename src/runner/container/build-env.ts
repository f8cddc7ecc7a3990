import { type NodeCapacity, selectResourceField } from "../../pod/resource-field.ts";
import { selectMetadataField } from "../../pod/select-field.ts";
import type { Container, Pod } from "../../pod/types.ts";
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
  readonly node: NodeCapacity;
}): BuiltEnv {
  const env: Record<string, string> = {};
  for (const variable of options.container.env ?? []) {
    const { name, valueFrom } = variable;
    if (valueFrom === undefined) {
      env[name] = expandVariables(variable.value ?? "", env);
      continue;
    }
    const { fieldRef, resourceFieldRef } = valueFrom;
    const path = fieldRef?.fieldPath ?? resourceFieldRef?.resource;
    const value =
      resourceFieldRef === undefined
        ? selectField(path ?? "", options)
        : selectResourceField(resourceFieldRef, { ...options, containerName: options.container.name });
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
  const { spec } = options.pod;
  const fields: Readonly<Record<string, string>> = {
    "spec.nodeName": spec.nodeName ?? "",
    "spec.serviceAccountName": "",
    "status.hostIP": options.nodeIp,
    "status.hostIPs": options.nodeIp,
    "status.podIP": options.nodeIp,
    "status.podIPs": options.nodeIp,
  };
  if (Object.hasOwn(fields, path)) return fields[path];
  return selectMetadataField(options.pod, path);
}
