import { type EnvFileValue, parseEnvFile } from "../../pod/parse-env-file.ts";
import type { ResourceAmounts } from "../../pod/resource-amounts.ts";
import { selectVariableResource } from "../../pod/resource-field.ts";
import { selectMetadataField } from "../../pod/select-field.ts";
import type { Container, EnvVar, FileKeySelector, Pod } from "../../pod/types.ts";
import { buildServiceEnv } from "../services/build-service-env.ts";
import type { ServiceFacts } from "../services/known-services.ts";
import { type Env, expandVariables } from "./expand-variables.ts";
import { type EnvFiles, envFileKey } from "./read-env-files.ts";

/** The environment, or the variable that cannot be made. */
export type BuiltEnv =
  | { readonly kind: "env"; readonly env: Env }
  | { readonly kind: "problem"; readonly message: string };

/** What a container's variables come from. */
interface EnvInput {
  readonly pod: Pod;
  readonly container: Container;
  readonly nodeIp: string;
  readonly allocatable: ResourceAmounts;
  /** The environment files that the container's variables name. */
  readonly files: EnvFiles;
  /** The Services that are known. */
  readonly services: readonly ServiceFacts[];
}

/**
 * A container's own variables: literal text with `$(NAME)` of earlier ones and of Services, fields of the pod, keys of
 * environment files; and those of Services that it does not name itself.
 * Source: kubelet_pods.go makeEnvironmentVariables, podFieldSelectorRuntimeValue.
 */
export function buildEnv(input: EnvInput): BuiltEnv {
  const { namespace } = input.pod.metadata;
  const links = input.pod.spec.enableServiceLinks !== false;
  const ofServices = buildServiceEnv(input.services, { namespace, links });
  const own: Record<string, string> = {};
  for (const variable of input.container.env ?? []) {
    const value = resolveValue(variable, { input, env: { ...ofServices, ...own } });
    if (value.kind === "problem")
      return { kind: "problem", message: `variable ${variable.name}: ${value.message}` };
    if (value.kind === "value") own[variable.name] = value.value;
  }
  return { kind: "env", env: { ...ofServices, ...own } };
}

/** `none`: the variable is left out. */
type EnvValue = EnvFileValue | { readonly kind: "none" };

function resolveValue(
  { value = "", valueFrom }: EnvVar,
  { input, env }: { readonly input: EnvInput; readonly env: Env },
): EnvValue {
  if (value !== "" || valueFrom === undefined) return { kind: "value", value: expandVariables(value, env) };
  const { fieldRef, resourceFieldRef, fileKeyRef } = valueFrom;
  if (fileKeyRef !== undefined) return readFileKey(fileKeyRef, input.files);
  const path = fieldRef?.fieldPath ?? resourceFieldRef?.resource;
  const found =
    resourceFieldRef === undefined
      ? selectField(path ?? "", input)
      : selectVariableResource(resourceFieldRef, input);
  if (found !== undefined) return { kind: "value", value: found };
  const source = path === undefined ? Object.keys(valueFrom).join(", ") : `field ${path}`;
  return { kind: "problem", message: `its source (${source}) is not supported` };
}

/** A value that is empty counts as not there; a file that cannot be read is a fault also of an optional key. */
function readFileKey(selector: FileKeySelector, files: EnvFiles): EnvValue {
  const file = files.get(envFileKey(selector));
  if (file?.kind !== "text")
    return { kind: "problem", message: `couldn't parse env file: ${file?.message ?? "it was not read"}` };
  const found = parseEnvFile(file.text, selector.key);
  if (found.kind === "problem") return { ...found, message: `couldn't parse env file: ${found.message}` };
  if (found.value !== "") return found;
  if (selector.optional === true) return { kind: "none" };
  const where = `file ${JSON.stringify(selector.path)} of volume ${selector.volumeName}`;
  return {
    kind: "problem",
    message: `environment variable key ${JSON.stringify(selector.key)} not found in ${where}`,
  };
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
