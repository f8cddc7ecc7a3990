import * as v from "valibot";
import { parseDurationMs } from "../core/duration.ts";
import { SlipwayError } from "../core/errors.ts";
import { isObject } from "../core/json.ts";
import { parseYamlDocuments } from "../core/yaml.ts";
import type { KubeletConfiguration } from "./types.ts";

const durationMs = (fallback: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => (text === "0s" ? fallback : text)),
      v.check((text) => parseDurationMs(text) !== undefined, "is no duration such as 20s"),
      v.transform((text) => parseDurationMs(text) ?? 0),
    ),
    fallback,
  );

const port = (fallback: number) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)), fallback);

const taint = v.object({ key: v.string(), value: v.optional(v.string()), effect: v.string() });

/** Source: kubelet config/v1beta1 types.go; defaults: pkg/kubelet/apis/config/v1beta1/defaults.go. */
const kubeletSchema = v.looseObject({
  staticPodPath: v.optional(v.string()),
  staticPodURL: v.optional(v.string()),
  staticPodURLHeader: v.optional(v.record(v.string(), v.array(v.string())), {}),
  fileCheckFrequency: durationMs("20s"),
  httpCheckFrequency: durationMs("20s"),
  enableServer: v.optional(v.boolean(), true),
  address: v.optional(v.string(), "0.0.0.0"),
  port: port(10_250),
  healthzPort: port(10_248),
  healthzBindAddress: v.optional(v.string(), "127.0.0.1"),
  tlsCertFile: v.optional(v.string()),
  tlsPrivateKeyFile: v.optional(v.string()),
  /** Here, as with kubeadm, true; a kubelet's own default is false. Source: kubeadm componentconfigs/kubelet.go. */
  rotateCertificates: v.optional(v.boolean(), true),
  authentication: v.optional(
    v.looseObject({
      anonymous: v.optional(v.looseObject({ enabled: v.optional(v.boolean(), false) }), {}),
      webhook: v.optional(v.looseObject({ enabled: v.optional(v.boolean(), true) }), {}),
      x509: v.optional(v.looseObject({ clientCAFile: v.optional(v.string()) }), {}),
    }),
    {},
  ),
  authorization: v.optional(
    v.looseObject({ mode: v.optional(v.picklist(["AlwaysAllow", "Webhook"]), "Webhook") }),
    {},
  ),
  registerNode: v.optional(v.boolean(), true),
  registerWithTaints: v.optional(v.array(taint), []),
  nodeStatusUpdateFrequency: durationMs("10s"),
  nodeStatusReportFrequency: durationMs("5m"),
  nodeLeaseDurationSeconds: v.optional(v.number(), 40),
  maxPods: v.optional(v.number(), 110),
  podPidsLimit: v.optional(v.number(), -1),
  podLogsDir: v.optional(v.string(), "/var/log/pods"),
  containerLogMaxFiles: v.optional(v.number(), 5),
});

const runnerSchema = v.strictObject({
  apiVersion: v.literal("slipway.dev/v1"),
  kind: v.literal("RunnerConfiguration"),
  nodeName: v.string(),
  nodeIP: v.string(),
  kubernetesVersion: v.string(),
  /** The node's identity; none: standalone. */
  kubeconfig: v.optional(v.string()),
  /** Where the user's own component binaries are, if not in the cache. */
  componentDir: v.optional(v.string()),
});

/** What runner.yaml says beside the KubeletConfiguration: what a kubelet takes from flags. */
export type RunnerConfiguration = Readonly<v.InferOutput<typeof runnerSchema>>;

/** Rotation of container logs. Source: kubelet defaults containerLogMaxSize 10Mi. */
const CONTAINER_LOG_MAX_SIZE_BYTES = 10 * 1024 * 1024;

/**
 * The two documents of runner.yaml, checked and defaulted. Raises SLIPWAY_CONFIG_INVALID with every error and its line.
 */
export function parseRunnerConfig(source: { readonly text: string; readonly path: string }): {
  readonly kubelet: KubeletConfiguration;
  readonly runner: RunnerConfiguration;
} {
  const details: string[] = [];
  const read = <S extends v.GenericSchema>(kind: string, schema: S): v.InferOutput<S> | undefined => {
    const documents = parseYamlDocuments(source.text);
    const document = documents.find(({ value }) => isObject(value) && value["kind"] === kind);
    if (document === undefined) {
      const problems = documents.flatMap(({ problems: found }) => found);
      details.push(
        ...problems.map(({ line, column, message }) => `${source.path}:${line}:${column}: ${message}`),
      );
      if (problems.length === 0) details.push(`${source.path}: there is no document of kind ${kind}`);
      return undefined;
    }
    const result = v.safeParse(schema, document.value);
    if (result.success) return result.output;
    for (const issue of result.issues) {
      const keys = issue.path?.map(({ key }) => (typeof key === "number" ? key : String(key))) ?? [];
      const { line, column } = document.locate(keys);
      details.push(`${source.path}:${line}:${column}: ${keys.join(".")}: ${issue.message}`);
    }
    return undefined;
  };
  const kubelet = read("KubeletConfiguration", kubeletSchema);
  const runner = read("RunnerConfiguration", runnerSchema);
  if (kubelet === undefined || runner === undefined) throw invalidError(source.path, details);
  return { kubelet: toConfiguration(kubelet), runner };
}

function toConfiguration(document: v.InferOutput<typeof kubeletSchema>): KubeletConfiguration {
  const { authentication, authorization } = document;
  return {
    staticPodPath: document.staticPodPath,
    staticPodURL: document.staticPodURL,
    staticPodURLHeader: document.staticPodURLHeader,
    fileCheckFrequencyMs: document.fileCheckFrequency,
    httpCheckFrequencyMs: document.httpCheckFrequency,
    enableServer: document.enableServer,
    address: document.address,
    port: document.port,
    healthzPort: document.healthzPort,
    healthzBindAddress: document.healthzBindAddress,
    clientCAFile: authentication.x509.clientCAFile,
    tlsCertFile: document.tlsCertFile,
    tlsPrivateKeyFile: document.tlsPrivateKeyFile,
    rotateCertificates: document.rotateCertificates,
    anonymousAuth: authentication.anonymous.enabled,
    webhookAuth: authentication.webhook.enabled,
    authorizationMode: authorization.mode,
    registerNode: document.registerNode,
    registerWithTaints: document.registerWithTaints.map(({ key, value, effect }) => ({
      key,
      effect,
      ...(value === undefined ? {} : { value }),
    })),
    nodeStatusUpdateFrequencyMs: document.nodeStatusUpdateFrequency,
    nodeStatusReportFrequencyMs: document.nodeStatusReportFrequency,
    nodeLeaseDurationSeconds: document.nodeLeaseDurationSeconds,
    maxPods: document.maxPods,
    podPidsLimit: document.podPidsLimit,
    podLogsDir: document.podLogsDir,
    containerLogMaxSizeBytes: CONTAINER_LOG_MAX_SIZE_BYTES,
    containerLogMaxFiles: document.containerLogMaxFiles,
    maxContainerRestartPeriodMs: undefined,
  };
}

function invalidError(path: string, details: readonly string[]): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_CONFIG_INVALID",
    what: `the runner's configuration ${path} cannot be used`,
    why: `it has ${details.length} ${details.length === 1 ? "error" : "errors"}`,
    fix: "slipway init writes it anew; then: slipway runner restart",
    details,
  });
}
