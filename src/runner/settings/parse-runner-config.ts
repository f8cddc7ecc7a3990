import * as v from "valibot";
import { SlipwayError } from "../../core/errors.ts";
import { isObject } from "../../core/json.ts";
import { parseYamlDocuments, type YamlDocument } from "../../core/yaml.ts";
import type { KubeletConfiguration } from "../types.ts";
import { type ConfigFault, decodeKubeletConfiguration, describeIssue } from "./decode-kubelet.ts";

const runnerSchema = v.strictObject({
  apiVersion: v.literal("slipway.dev/v1"),
  kind: v.literal("RunnerConfiguration"),
  nodeName: v.string(),
  nodeIP: v.string(),
  kubernetesVersion: v.string(),
  /** Labels that the Node is registered with. */
  nodeLabels: v.optional(v.record(v.string(), v.string()), {}),
  /** The node's identity; none: standalone. */
  kubeconfig: v.optional(v.string()),
  /** What becomes of a pod whose manifest has gone bad. */
  badManifest: v.optional(v.picklist(["keep", "remove"]), "keep"),
  /** Where the serving certificate is made when the configuration names none; a directory of the runner's own if not set. */
  certDir: v.optional(v.string()),
  /** Where the user's own component binaries are, if not in the cache. */
  componentDir: v.optional(v.string()),
});

/** What runner.yaml says beside the KubeletConfiguration: what a kubelet takes from flags. */
export type RunnerConfiguration = Readonly<v.InferOutput<typeof runnerSchema>>;

/**
 * The two documents of runner.yaml, checked and defaulted. Raises SLIPWAY_CONFIG_INVALID with every error and its line.
 */
export function parseRunnerConfig(source: { readonly text: string; readonly path: string }): {
  readonly kubelet: KubeletConfiguration;
  readonly runner: RunnerConfiguration;
} {
  const details: string[] = [];
  const documents = parseYamlDocuments(source.text);
  const find = (kind: string): YamlDocument | undefined => {
    const document = documents.find(({ value }) => isObject(value) && value["kind"] === kind);
    if (document === undefined) details.push(`${source.path}: there is no document of kind ${kind}`);
    return document;
  };
  const tell = (document: YamlDocument, faults: readonly ConfigFault[]): void => {
    for (const { path, message } of faults) {
      const { line, column } = document.locate(path);
      details.push(`${source.path}:${line}:${column}: ${path.join(".")}: ${message}`);
    }
  };
  const problems = documents.flatMap((document) => document.problems);
  if (problems.length > 0) {
    const lines = problems.map(({ line, column, message }) => `${source.path}:${line}:${column}: ${message}`);
    throw invalidError(source.path, lines);
  }
  const kubeletDocument = find("KubeletConfiguration");
  const runnerDocument = find("RunnerConfiguration");
  if (kubeletDocument === undefined || runnerDocument === undefined) throw invalidError(source.path, details);
  const kubelet = decodeKubeletConfiguration(kubeletDocument.value);
  const runner = v.safeParse(runnerSchema, runnerDocument.value);
  if (kubelet.kind === "wrong") tell(kubeletDocument, kubelet.faults);
  if (!runner.success) tell(runnerDocument, runner.issues.map(describeIssue));
  if (kubelet.kind === "wrong" || !runner.success) throw invalidError(source.path, details);
  return { kubelet: kubelet.configuration, runner: runner.output };
}

function invalidError(path: string, details: readonly string[]): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_CONFIG_INVALID",
    what: `the runner's configuration ${path} cannot be used`,
    why: `it has ${details.length} ${details.length === 1 ? "error" : "errors"}`,
    fix: "write it anew with slipway init, then: slipway runner restart",
    details,
  });
}
