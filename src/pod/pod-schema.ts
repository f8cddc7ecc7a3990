import * as v from "valibot";

const text = v.string();
const int = v.pipe(v.number(), v.integer());
const texts = v.array(text);
const textMap = v.record(text, text);
const portRef = v.union([int, text]);
const quantities = v.record(text, v.union([text, v.number()]));
const may = v.exactOptional;

const httpGet = v.looseObject({
  host: may(text),
  path: may(text),
  port: portRef,
  scheme: may(v.picklist(["HTTP", "HTTPS"])),
  httpHeaders: may(v.array(v.looseObject({ name: text, value: text }))),
});

const handler = {
  exec: may(v.looseObject({ command: may(texts) })),
  httpGet: may(httpGet),
  tcpSocket: may(v.looseObject({ host: may(text), port: portRef })),
  sleep: may(v.looseObject({ seconds: int })),
  grpc: may(v.looseObject({ port: int, service: may(text) })),
};

const probe = v.looseObject({
  ...handler,
  initialDelaySeconds: may(int),
  periodSeconds: may(int),
  timeoutSeconds: may(int),
  successThreshold: may(int),
  failureThreshold: may(int),
  terminationGracePeriodSeconds: may(int),
});

const envVar = v.looseObject({
  name: text,
  value: may(text),
  valueFrom: may(
    v.looseObject({
      fieldRef: may(v.looseObject({ apiVersion: may(text), fieldPath: text })),
      resourceFieldRef: may(
        v.looseObject({
          containerName: may(text),
          resource: text,
          divisor: may(v.union([text, v.number()])),
        }),
      ),
    }),
  ),
});

const seccompProfile = may(v.looseObject({ type: text }));

const securityContext = v.looseObject({
  runAsUser: may(int),
  runAsGroup: may(int),
  runAsNonRoot: may(v.boolean()),
  privileged: may(v.boolean()),
  readOnlyRootFilesystem: may(v.boolean()),
  allowPrivilegeEscalation: may(v.boolean()),
  capabilities: may(v.looseObject({ add: may(texts), drop: may(texts) })),
  seccompProfile,
});

const restartPolicy = v.picklist(["Always", "OnFailure", "Never"]);

const container = v.looseObject({
  name: text,
  image: may(text),
  imagePullPolicy: may(v.picklist(["Always", "IfNotPresent", "Never"])),
  command: may(texts),
  args: may(texts),
  workingDir: may(text),
  env: may(v.array(envVar)),
  ports: may(
    v.array(
      v.looseObject({
        name: may(text),
        containerPort: int,
        hostPort: may(int),
        hostIP: may(text),
        protocol: may(v.picklist(["TCP", "UDP", "SCTP"])),
      }),
    ),
  ),
  resources: may(v.looseObject({ requests: may(quantities), limits: may(quantities) })),
  volumeMounts: may(
    v.array(
      v.looseObject({
        name: text,
        mountPath: text,
        readOnly: may(v.boolean()),
        subPath: may(text),
        subPathExpr: may(text),
        mountPropagation: may(v.picklist(["None", "HostToContainer", "Bidirectional"])),
      }),
    ),
  ),
  livenessProbe: may(probe),
  readinessProbe: may(probe),
  startupProbe: may(probe),
  lifecycle: may(
    v.looseObject({ postStart: may(v.looseObject(handler)), preStop: may(v.looseObject(handler)) }),
  ),
  terminationMessagePath: may(text),
  terminationMessagePolicy: may(v.picklist(["File", "FallbackToLogsOnError"])),
  securityContext: may(securityContext),
  restartPolicy: may(restartPolicy),
  restartPolicyRules: may(
    v.array(
      v.looseObject({
        action: text,
        exitCodes: may(v.looseObject({ operator: v.picklist(["In", "NotIn"]), values: may(v.array(int)) })),
      }),
    ),
  ),
});

const toleration = v.looseObject({
  key: may(text),
  operator: may(text),
  value: may(text),
  effect: may(text),
  tolerationSeconds: may(int),
});

const volume = v.looseObject({
  name: text,
  hostPath: may(v.looseObject({ path: text, type: may(text) })),
  emptyDir: may(v.looseObject({ medium: may(text), sizeLimit: may(v.union([text, v.number()])) })),
});

const spec = v.looseObject({
  containers: v.array(container),
  initContainers: may(v.array(container)),
  volumes: may(v.array(volume)),
  restartPolicy: may(restartPolicy),
  terminationGracePeriodSeconds: may(int),
  activeDeadlineSeconds: may(int),
  nodeName: may(text),
  nodeSelector: may(textMap),
  hostNetwork: may(v.boolean()),
  hostPID: may(v.boolean()),
  hostIPC: may(v.boolean()),
  hostname: may(text),
  priority: may(int),
  priorityClassName: may(text),
  securityContext: may(
    v.looseObject({
      runAsUser: may(int),
      runAsGroup: may(int),
      runAsNonRoot: may(v.boolean()),
      supplementalGroups: may(v.array(int)),
      fsGroup: may(int),
      seccompProfile,
    }),
  ),
  tolerations: may(v.array(toleration)),
  dnsPolicy: may(v.picklist(["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"])),
  schedulerName: may(text),
  enableServiceLinks: may(v.boolean()),
});

/**
 * The types of a pod's fields before any default, as far as a runner acts on them; other fields pass unchecked and
 * are kept. Source: k8s.io/api/core/v1 types.go; leniency: kubelet config/common.go tryDecodeSinglePod.
 */
export const podSchema = v.looseObject({
  apiVersion: v.literal("v1"),
  kind: v.literal("Pod"),
  metadata: v.looseObject({
    name: text,
    namespace: may(text),
    uid: may(text),
    labels: may(textMap),
    annotations: may(textMap),
  }),
  spec,
});

/** A pod with the right types, nothing defaulted. */
export type RawPod = v.InferOutput<typeof podSchema>;
export type RawContainer = v.InferOutput<typeof container>;
export type RawVolume = v.InferOutput<typeof volume>;
export type RawProbe = v.InferOutput<typeof probe>;
export type RawHttpGet = v.InferOutput<typeof httpGet>;

/** Checks the types of a decoded value; each problem names its field, as `spec.containers[0].image: …`. */
export function checkPodShape(
  value: unknown,
): { readonly kind: "pod"; readonly pod: RawPod } | { readonly kind: "wrong"; readonly problems: string[] } {
  const result = v.safeParse(podSchema, value);
  if (result.success) return { kind: "pod", pod: result.output };
  return { kind: "wrong", problems: result.issues.map(describeIssue) };
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = formatPath((issue.path ?? []).map((item) => item.key));
  if (issue.received === "undefined") return `${path}: it is required`;
  return `${path}: expected ${issue.expected ?? "another value"}, but it is ${issue.received}`;
}

function formatPath(keys: readonly unknown[]): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === "number") return `${path}[${key}]`;
    return path === "" ? String(key) : `${path}.${String(key)}`;
  }, "");
}
