import * as v from "valibot";
import { canonicalAddress } from "../../core/cidr.ts";
import { parseDurationMs } from "../../core/duration.ts";
import { isObject } from "../../core/json.ts";
import { parseQuantity } from "../../pod/quantity.ts";
import type { KubeletConfiguration } from "../types.ts";
import { computeShutdownPeriods, findShutdownFaults } from "./shutdown-periods.ts";

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

const whole = (least: number) =>
  v.pipe(v.number(), v.integer("is no whole number"), v.minValue(least, `is less than ${least}`));

/** Zero stands for the default. */
const count = (fallback: number) =>
  v.optional(
    v.pipe(
      whole(0),
      v.transform((number) => (number === 0 ? fallback : number)),
    ),
    fallback,
  );

const port = v.pipe(whole(0), v.maxValue(65_535, "is more than 65535"));

/** Source: pkg/kubelet/apis/config/validation: from 1 s to 300 s. */
const restartPeriodMs = v.pipe(
  v.string(),
  v.check((text) => {
    const ms = parseDurationMs(text);
    return ms !== undefined && ms >= 1000 && ms <= 300_000;
  }, "is no duration from 1s to 300s"),
  v.transform((text) => parseDurationMs(text) ?? 0),
);

/** Zero and nothing are the same. */
const zeroableMs = v.optional(
  v.pipe(
    v.string(),
    v.check((text) => parseDurationMs(text) !== undefined, "is no duration such as 30s"),
    v.transform((text) => parseDurationMs(text) ?? 0),
  ),
  "0s",
);

const shutdownPeriod = v.object({
  priority: v.pipe(v.number(), v.integer()),
  shutdownGracePeriodSeconds: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

const taint = v.object({ key: v.string(), value: v.optional(v.string()), effect: v.string() });

/** Source: kubelet config/v1beta1 types.go; defaults: pkg/kubelet/apis/config/v1beta1/defaults.go. */
const kubeletSchema = v.looseObject({
  staticPodPath: v.optional(v.string()),
  staticPodURL: v.optional(v.string()),
  staticPodURLHeader: v.optional(v.record(v.string(), v.array(v.string())), {}),
  fileCheckFrequency: durationMs("20s"),
  httpCheckFrequency: durationMs("20s"),
  enableServer: v.optional(v.boolean(), true),
  enableDebuggingHandlers: v.optional(v.boolean(), true),
  enableSystemLogHandler: v.optional(v.boolean(), true),
  address: v.optional(v.string(), "0.0.0.0"),
  port: v.pipe(count(10_250), v.maxValue(65_535, "is more than 65535")),
  healthzPort: v.optional(port, 10_248),
  healthzBindAddress: v.optional(v.string(), "127.0.0.1"),
  tlsCertFile: v.optional(v.string()),
  tlsPrivateKeyFile: v.optional(v.string()),
  /** Here, as with kubeadm, true; a kubelet's own default is false. Source: kubeadm componentconfigs/kubelet.go. */
  rotateCertificates: v.optional(v.boolean(), true),
  authentication: v.optional(
    v.looseObject({
      anonymous: v.optional(v.looseObject({ enabled: v.optional(v.boolean(), false) }), {}),
      webhook: v.optional(
        v.looseObject({ enabled: v.optional(v.boolean(), true), cacheTTL: durationMs("2m") }),
        {},
      ),
      x509: v.optional(v.looseObject({ clientCAFile: v.optional(v.string()) }), {}),
    }),
    {},
  ),
  authorization: v.optional(
    v.looseObject({
      mode: v.optional(v.picklist(["AlwaysAllow", "Webhook"]), "Webhook"),
      webhook: v.optional(
        v.looseObject({ cacheAuthorizedTTL: durationMs("5m"), cacheUnauthorizedTTL: durationMs("30s") }),
        {},
      ),
    }),
    {},
  ),
  registerNode: v.optional(v.boolean(), true),
  registerWithTaints: v.optional(v.array(taint), []),
  nodeStatusUpdateFrequency: durationMs("10s"),
  nodeStatusReportFrequency: durationMs("5m"),
  nodeLeaseDurationSeconds: count(40),
  maxPods: count(110),
  podPidsLimit: v.optional(v.pipe(v.number(), v.integer("is no whole number")), -1),
  clusterDNS: v.optional(v.array(v.string()), []),
  clusterDomain: v.optional(v.string(), ""),
  podLogsDir: v.optional(v.string(), "/var/log/pods"),
  containerLogMaxSize: v.optional(
    v.pipe(
      v.string(),
      v.check((text) => parseQuantity(text) !== undefined, "is no quantity such as 10Mi"),
      v.transform((text) => parseQuantity(text) ?? 0),
    ),
    "10Mi",
  ),
  containerLogMaxFiles: v.optional(whole(2), 5),
  shutdownGracePeriod: zeroableMs,
  shutdownGracePeriodCriticalPods: zeroableMs,
  shutdownGracePeriodByPodPriority: v.optional(v.array(shutdownPeriod), []),
  crashLoopBackOff: v.optional(v.looseObject({ maxContainerRestartPeriod: v.optional(restartPeriodMs) }), {}),
});

/** The fields of a KubeletConfiguration that a runner acts on. */
export const ACTING_FIELDS: readonly string[] = Object.keys(kubeletSchema.entries);

/** A fault of one field, from the document's root. */
export interface ConfigFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** A KubeletConfiguration's value as the runner uses it, or all that is wrong with it; what is null is not set. */
export function decodeKubeletConfiguration(
  value: unknown,
):
  | { readonly kind: "decoded"; readonly configuration: KubeletConfiguration }
  | { readonly kind: "wrong"; readonly faults: readonly ConfigFault[] } {
  const result = v.safeParse(kubeletSchema, withoutNulls(value));
  if (!result.success) return { kind: "wrong", faults: result.issues.map(describeIssue) };
  const faults = findShutdownFaults(result.output);
  if (faults.length > 0) return { kind: "wrong", faults };
  return { kind: "decoded", configuration: toConfiguration(result.output) };
}

function withoutNulls(value: unknown): unknown {
  if (!isObject(value)) return value;
  const set = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(set.map(([name, inner]) => [name, withoutNulls(inner)]));
}

/** A schema's issue as a fault. */
export function describeIssue(issue: v.BaseIssue<unknown>): ConfigFault {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key)));
  return { path, message: issue.message };
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
    enableDebuggingHandlers: document.enableDebuggingHandlers,
    enableSystemLogHandler: document.enableSystemLogHandler,
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
    tokenCacheMs: authentication.webhook.cacheTTL,
    authorizationMode: authorization.mode,
    allowedCacheMs: authorization.webhook.cacheAuthorizedTTL,
    deniedCacheMs: authorization.webhook.cacheUnauthorizedTTL,
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
    // Source: kubelet.go NewMainKubelet, which leaves out what is no address.
    clusterDNS: document.clusterDNS.filter((address) => canonicalAddress(address) !== undefined),
    clusterDomain: document.clusterDomain,
    podLogsDir: document.podLogsDir,
    containerLogMaxSizeBytes: document.containerLogMaxSize,
    containerLogMaxFiles: document.containerLogMaxFiles,
    shutdownPeriods: computeShutdownPeriods(document),
    maxContainerRestartPeriodMs: document.crashLoopBackOff.maxContainerRestartPeriod,
  };
}
