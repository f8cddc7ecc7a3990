import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const POD = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: example.com/web:1
`;

/** Lines below `metadata:`. */
const METADATA = `
namespace: other
namespace: Not_One
uid: 6c2b5c0e-7f3f-4a51-9d43-0a8a1d1f3c11
labels: {app: web, tier.example.com/name: "1"}
labels: {app: "not a label"}
labels: {app: 1}
labels: {"-app": x}
labels: {app: null}
labels: []
annotations: {note: "any text: {}", Example.COM/Key: x}
annotations: {"a b": x}
annotations: {note: true}
uid: a/b
generateName: web-
creationTimestamp: null
creationTimestamp: 2026-01-31T12:00:00Z
creationTimestamp: yesterday
ownerReferences: [{apiVersion: v1, kind: Node, name: n, uid: u}]
finalizers: [example.com/x]
nonsense: {a: 1}
`;

/** Lines below `spec:`. */
const SPEC = `
restartPolicy: Always
restartPolicy: Never
restartPolicy: Sometimes
restartPolicy: ""
terminationGracePeriodSeconds: 0
terminationGracePeriodSeconds: -5
terminationGracePeriodSeconds: "30"
terminationGracePeriodSeconds: 1.0
terminationGracePeriodSeconds: 1.5
terminationGracePeriodSeconds: 1e3
terminationGracePeriodSeconds: null
activeDeadlineSeconds: 10
activeDeadlineSeconds: 0
activeDeadlineSeconds: 2147483648
dnsPolicy: Default
dnsPolicy: Other
dnsPolicy: None
{dnsPolicy: None, dnsConfig: {nameservers: [192.0.2.1], searches: [example.com, a_b.c., .], options: [{name: ndots, value: "2"}]}}
dnsConfig: {nameservers: [nowhere]}
dnsConfig: {nameservers: [192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4]}
dnsConfig: {options: [{value: "2"}]}
nodeSelector: {disk: ssd}
nodeSelector: {disk: "not one"}
hostNetwork: true
hostNetwork: yes
hostNetwork: "true"
hostNetwork: Off
{hostNetwork: true, hostPID: true, hostIPC: true}
{hostPID: true, shareProcessNamespace: true}
{hostUsers: false}
{hostUsers: false, hostPID: true}
hostname: web
hostname: Web.Example
subdomain: a.b
hostAliases: [{ip: 192.0.2.1, hostnames: [a.example]}]
hostAliases: [{ip: x, hostnames: [a.example]}]
hostAliases: [{ip: 192.0.2.1, hostnames: [A_b]}]
priority: 2000001000
{priority: 2000001000, priorityClassName: system-node-critical}
priorityClassName: system-node-critical
priorityClassName: Not_One
priority: 2147483648
preemptionPolicy: Never
preemptionPolicy: Perhaps
runtimeClassName: fast
runtimeClassName: Fast!
schedulerName: other
enableServiceLinks: false
automountServiceAccountToken: false
setHostnameAsFQDN: true
hostnameOverride: web.example
{hostnameOverride: web.example, hostNetwork: true}
hostnameOverride: Web
overhead: {cpu: 10m}
serviceAccountName: web
serviceAccount: web
imagePullSecrets: [{name: x}]
imagePullSecrets: [{}]
resourceClaims: [{name: x, resourceClaimName: y}]
schedulingGates: [{name: x}]
readinessGates: [{conditionType: example.com/ready}]
readinessGates: [{conditionType: "not one"}]
os: {name: linux}
os: {name: windows}
os: {name: plan9}
tolerations: [{operator: Exists}]
tolerations: [{key: a, operator: Equal, value: b, effect: NoSchedule}]
tolerations: [{key: a, operator: Exists, value: b}]
tolerations: [{effect: NoExecute, operator: Exists, tolerationSeconds: 5}]
tolerations: [{key: a, tolerationSeconds: 5}]
tolerations: [{value: b}]
tolerations: [{key: a, effect: Never}]
tolerations: [{key: a, operator: Gt, value: "5"}]
tolerations: [{key: a, operator: Over}]
securityContext: {runAsUser: 0, runAsGroup: 7, fsGroup: 7, supplementalGroups: [1, 2], runAsNonRoot: false}
securityContext: {runAsUser: -1}
securityContext: {runAsUser: 4294967296}
securityContext: {supplementalGroups: [-1]}
securityContext: {seccompProfile: {type: RuntimeDefault}}
securityContext: {seccompProfile: {type: Localhost}}
securityContext: {seccompProfile: {type: Localhost, localhostProfile: a/b.json}}
securityContext: {seccompProfile: {type: Localhost, localhostProfile: ../b.json}}
securityContext: {seccompProfile: {type: Unconfined, localhostProfile: a}}
securityContext: {seccompProfile: {type: Strict}}
securityContext: {appArmorProfile: {type: Unconfined}}
securityContext: {appArmorProfile: {type: Localhost, localhostProfile: " a"}}
securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: "1"}]}
{hostNetwork: true, securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: "1"}]}}
{hostIPC: true, securityContext: {sysctls: [{name: kernel.shm_rmid_forced, value: "1"}]}}
securityContext: {sysctls: [{name: "Not one", value: "1"}]}
securityContext: {sysctls: [{name: a.b, value: "1"}, {name: a.b, value: "2"}]}
securityContext: {fsGroupChangePolicy: Always}
securityContext: {fsGroupChangePolicy: Later}
securityContext: {supplementalGroupsPolicy: Strict}
securityContext: {supplementalGroupsPolicy: Later}
securityContext: {seLinuxOptions: {level: "s0:c1"}}
ephemeralContainers: [{name: debug, image: x}]
initContainers: [{name: init, image: x}]
initContainers: [{name: web, image: x}]
initContainers: [{name: init, image: x, restartPolicy: Always, readinessProbe: {tcpSocket: {port: 1}}}]
initContainers: [{name: init, image: x, readinessProbe: {tcpSocket: {port: 1}}}]
initContainers: [{name: init, image: x, restartPolicy: OnFailure}]
initContainers: [{name: init, image: x, restartPolicy: Often}]
initContainers: [{name: init, image: x, lifecycle: {preStop: {exec: {command: [a]}}}}]
initContainers: [{name: init, image: x, ports: [{containerPort: 80, hostPort: 81}]}]
{hostNetwork: true, initContainers: [{name: init, image: x, ports: [{containerPort: 80, hostPort: 81}]}]}
initContainers: []
volumes: [{name: x}]
volumes: [{name: x, emptyDir: {}}, {name: x, emptyDir: {}}]
volumes: [{name: X_, emptyDir: {}}]
volumes: [{emptyDir: {}}]
volumes: [{name: x, emptyDir: {medium: Memory, sizeLimit: 10Mi}}]
volumes: [{name: x, emptyDir: {sizeLimit: -1}}]
volumes: [{name: x, emptyDir: {sizeLimit: much}}]
volumes: [{name: x, emptyDir: {}, hostPath: {path: /x}}]
volumes: [{name: x, hostPath: {path: /x}}]
volumes: [{name: x, hostPath: {path: /x, type: DirectoryOrCreate}}]
volumes: [{name: x, hostPath: {path: /x, type: ""}}]
volumes: [{name: x, hostPath: {path: /x, type: Odd}}]
volumes: [{name: x, hostPath: {path: /x/../y}}]
volumes: [{name: x, hostPath: {path: ""}}]
volumes: [{name: x, hostPath: {path: x/y}}]
volumes: [{name: x, hostPath: /x}]
volumes: [{name: x, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}]
volumes: [{name: x, downwardAPI: {items: [{path: ip, fieldRef: {fieldPath: status.podIP}}]}}]
volumes: [{name: x, downwardAPI: {items: [{path: /ip, fieldRef: {fieldPath: metadata.name}}]}}]
volumes: [{name: x, downwardAPI: {items: [{path: ..a, fieldRef: {fieldPath: metadata.name}}]}}]
volumes: [{name: x, downwardAPI: {items: [{path: a}]}}]
volumes: [{name: x, downwardAPI: {defaultMode: 0640, items: [{path: a, resourceFieldRef: {containerName: web, resource: limits.cpu, divisor: 1m}}]}}]
volumes: [{name: x, downwardAPI: {items: [{path: a, resourceFieldRef: {resource: limits.cpu}}]}}]
volumes: [{name: x, downwardAPI: {defaultMode: 0o1777}}]
volumes: [{name: x, projected: {sources: [{downwardAPI: {items: [{path: n, fieldRef: {fieldPath: metadata.name}}]}}]}}]
volumes: [{name: x, projected: {sources: [{serviceAccountToken: {path: t}}]}}]
volumes: [{name: x, projected: {sources: [{secret: {name: s}}]}}]
volumes: [{name: x, projected: {sources: [{configMap: {name: s}}]}}]
volumes: [{name: x, projected: {sources: []}}]
volumes: [{name: x, secret: {secretName: s}}]
volumes: [{name: x, configMap: {name: c}}]
volumes: [{name: x, persistentVolumeClaim: {claimName: c}}]
volumes: [{name: x, csi: {driver: d}}]
volumes: [{name: x, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}}]
volumes: [{name: x, nfs: {server: s, path: /p}}]
volumes: [{name: x, gitRepo: {repository: r}}]
volumes: [{name: x, nfs: {}}]
volumes: [{name: x, image: {reference: r}}]
volumes: [{name: x, glusterfs: {endpoints: e, path: p}}]
volumes: [{name: x, somethingNew: {a: 1}}]
volumes: {name: x}
resources: {limits: {cpu: 1, memory: 1Gi}}
resources: {limits: {cpu: 1}, requests: {cpu: 2}}
resources: {limits: {pods: 1}}
{initContainers: [{name: init, image: x, resources: {requests: {cpu: 4}}}], resources: {requests: {cpu: 2}}}
containers: []
containers: null
containers: {}
nodeName: elsewhere
somethingNew: {a: 1}
topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}]
affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In, values: [b]}]}]}}}
affinity: {nodeAffinity: never}
affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {}}}
topologySpreadConstraints: [{maxSkew: 0}]
`;

/** Lines below the first container. */
const CONTAINER = `
image: ""
image: null
image: " blank"
image: web:latest
image: web@sha256:0123
image: host:5000/web
image: 5
imagePullPolicy: Never
imagePullPolicy: Sometimes
command: [sleep, "60"]
command: sleep
command: [sleep, 60]
command: [sleep, null]
args: []
workingDir: /tmp
env: [{name: A, value: "1"}, {name: B}]
env: [{name: A, value: 1}]
env: [{name: A, value: yes}]
env: [{name: "", value: x}]
env: [{name: "A B", value: x}]
env: [{name: "A=B", value: x}]
env: [{name: "1-a.b", value: x}]
env: [{name: É, value: x}]
env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIPs}}}]
env: [{name: A, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}]
env: [{name: A, valueFrom: {fieldRef: {fieldPath: "metadata.annotations['Ex.COM/a']"}}}]
env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.labels}}}]
env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.hostname}}}]
env: [{name: A, valueFrom: {fieldRef: {apiVersion: v2, fieldPath: metadata.name}}}]
env: [{name: A, valueFrom: {fieldRef: {}}}]
env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}]
env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 7}}}]
env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1}}}]
env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.pods}}}]
env: [{name: A, valueFrom: {resourceFieldRef: {resource: requests.hugepages-2Mi}}}]
env: [{name: A, valueFrom: {}}]
env: [{name: A, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}, secretKeyRef: {name: s, key: k}}}]
env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]
env: [{name: A, valueFrom: {secretKeyRef: {name: s}}}]
env: [{name: A, valueFrom: {configMapKeyRef: {name: s, key: k}}}]
env: [{name: A, valueFrom: {fileKeyRef: {volumeName: v, path: p, key: k}}}]
envFrom: [{configMapRef: {name: c}}]
envFrom: [{secretRef: {name: c}}]
envFrom: [{prefix: P_}]
envFrom: []
ports: [{containerPort: 80}]
ports: [{containerPort: 80, name: http, protocol: UDP, hostIP: 192.0.2.1}]
ports: [{containerPort: 0}]
ports: [{containerPort: 70000}]
ports: [{containerPort: "80"}]
ports: [{containerPort: 80, hostPort: 80}, {containerPort: 81, hostPort: 80}]
ports: [{containerPort: 80, hostPort: 80}, {containerPort: 81, hostPort: 80, protocol: UDP}]
ports: [{containerPort: 80, hostPort: 0}]
ports: [{containerPort: 80, name: a}, {containerPort: 81, name: a}]
ports: [{containerPort: 80, name: "80"}]
ports: [{containerPort: 80, name: this-is-too-long-a-name}]
ports: [{containerPort: 80, protocol: tcp}]
resources: {limits: {cpu: 1, memory: 64Mi}}
resources: {requests: {cpu: 100m}, limits: {cpu: "1"}}
resources: {requests: {cpu: 2}, limits: {cpu: 1}}
resources: {limits: {cpu: -1}}
resources: {limits: {cpu: lots}}
resources: {limits: {cpu: 1.5, memory: 1e3, ephemeral-storage: 1Gi}}
resources: {limits: {cpu: true}}
resources: {limits: {gpus: 1}}
resources: {limits: {example.com/gpu: 1}}
resources: {limits: {example.com/gpu: 1500m}}
resources: {requests: {example.com/gpu: 1}}
resources: {limits: {hugepages-2Mi: 4Mi}}
resources: {limits: {hugepages-2Mi: 4Mi, memory: 1Gi}}
resources: {limits: {hugepages-2Mi: 3Mi, memory: 1Gi}}
resources: {limits: {pods: 1}}
resources: {claims: [{name: c}]}
resources: null
volumeMounts: [{name: x, mountPath: /x}]
volumeDevices: [{name: x, devicePath: /x}]
livenessProbe: {httpGet: {port: 80}}
livenessProbe: {httpGet: {port: http, path: healthz, scheme: HTTPS, httpHeaders: [{name: X-A, value: b}]}}
livenessProbe: {httpGet: {port: 80, scheme: FTP}}
livenessProbe: {httpGet: {port: 80, httpHeaders: [{name: "X A", value: b}]}}
livenessProbe: {httpGet: {}}
livenessProbe: {httpGet: {port: 70000}}
livenessProbe: {httpGet: {port: Not_One}}
livenessProbe: {exec: {command: []}}
livenessProbe: {exec: {command: [a]}, tcpSocket: {port: 1}}
livenessProbe: {}
livenessProbe: {tcpSocket: {port: 1}, successThreshold: 2}
livenessProbe: {tcpSocket: {port: 1}, periodSeconds: 0, failureThreshold: 0}
livenessProbe: {tcpSocket: {port: 1}, periodSeconds: -1}
livenessProbe: {tcpSocket: {port: 1}, terminationGracePeriodSeconds: 0}
livenessProbe: {tcpSocket: {port: 1}, terminationGracePeriodSeconds: 5}
livenessProbe: {grpc: {port: 5}}
livenessProbe: {grpc: {port: 5, service: a}}
livenessProbe: {grpc: {port: "5"}}
readinessProbe: {tcpSocket: {port: 1}, successThreshold: 2}
readinessProbe: {tcpSocket: {port: 1}, terminationGracePeriodSeconds: 5}
startupProbe: {tcpSocket: {port: 1}, initialDelaySeconds: 2}
startupProbe: {sleep: {seconds: 1}}
lifecycle: {preStop: {exec: {command: [a]}}, postStart: {sleep: {seconds: 3}}}
lifecycle: {preStop: {sleep: {seconds: 31}}}
lifecycle: {preStop: {sleep: {seconds: 0}}}
lifecycle: {preStop: {tcpSocket: {port: 5}}}
lifecycle: {preStop: {}}
lifecycle: {preStop: {httpGet: {port: 5}}}
lifecycle: {stopSignal: SIGTERM}
securityContext: {privileged: true}
securityContext: {privileged: true, allowPrivilegeEscalation: false}
securityContext: {allowPrivilegeEscalation: false, capabilities: {add: [CAP_SYS_ADMIN]}}
securityContext: {allowPrivilegeEscalation: false, capabilities: {add: [SYS_ADMIN]}}
securityContext: {capabilities: {add: [NET_ADMIN], drop: [ALL]}}
securityContext: {runAsUser: "0"}
securityContext: {runAsUser: -1}
securityContext: {procMount: Unmasked}
securityContext: {procMount: Default}
securityContext: {procMount: Odd}
securityContext: {readOnlyRootFilesystem: true}
terminationMessagePath: /tmp/end
terminationMessagePolicy: FallbackToLogsOnError
terminationMessagePolicy: Never
restartPolicy: OnFailure
restartPolicy: Often
{restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [3]}}]}
restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [3]}}]
{restartPolicy: Never, restartPolicyRules: [{action: Restart}]}
{restartPolicy: Never, restartPolicyRules: [{action: Explode, exitCodes: {operator: In, values: [3]}}]}
{restartPolicy: Never, restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: Within, values: [3]}}]}
resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired}]
resizePolicy: [{resourceName: disk, restartPolicy: NotRequired}]
resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired}, {resourceName: cpu, restartPolicy: NotRequired}]
stdin: true
tty: maybe
somethingNew: 1
name: web2
name: We
`;

/** Keys of environment files, with a volume each may be in and one where it may not. */
const FILE_KEYS = `
{volumeName: x, path: p/q.env, key: "a b"}
{volumeName: x, path: /p, key: k, optional: true}
{volumeName: x, path: ../p, key: k}
{volumeName: x, path: p, key: a=b}
{volumeName: x, path: "", key: k}
{volumeName: h, path: p, key: k}
{volumeName: z, path: p, key: k}
`;

/** Mounts of the first container, with a volume to mount. */
const MOUNTS = `
{name: x, mountPath: /x}
{name: x}
{name: x, mountPath: ""}
{name: x, mountPath: relative}
{name: x, mountPath: "/a:b"}
{name: y, mountPath: /x}
{name: x, mountPath: /x, subPath: a/b}
{name: x, mountPath: /x, subPath: /a}
{name: x, mountPath: /x, subPath: a/../b}
{name: x, mountPath: /x, subPathExpr: $(A)}
{name: x, mountPath: /x, subPath: a, subPathExpr: b}
{name: x, mountPath: /x, readOnly: true, recursiveReadOnly: Enabled}
{name: x, mountPath: /x, recursiveReadOnly: Enabled}
{name: x, mountPath: /x, readOnly: true, recursiveReadOnly: Enabled, mountPropagation: HostToContainer}
{name: x, mountPath: /x, mountPropagation: HostToContainer}
{name: x, mountPath: /x, mountPropagation: Bidirectional}
{name: x, mountPath: /x, mountPropagation: Sideways}
{name: x, mountPath: /x}, {name: x, mountPath: /x}
{name: x, mountPath: /x}, {name: x, mountPath: /y}
`;

/** Whole texts. */
const TEXTS: readonly string[] = [
  "",
  " \n",
  "# only a comment\n",
  "---\n",
  `---\n${POD}`,
  `---\n---\n${POD}`,
  `# a comment\n${POD}`,
  `${POD}---\n`,
  `${POD}---\nkind: Other\n`,
  `${POD}---\n[broken\n`,
  `${POD}...\n`,
  `%YAML 1.1\n---\n${POD}`,
  `%YAML 1.1\n%YAML 1.1\n---\n${POD}`,
  `\n\n${POD}`,
  `\uFEFF${POD}`,
  POD.replaceAll("\n", "\r\n"),
  POD.replace("kind: Pod", "kind: pod"),
  POD.replace("kind: Pod", "kind: Deployment"),
  POD.replace("kind: Pod\n", ""),
  POD.replace("apiVersion: v1", "apiVersion: v2"),
  POD.replace("apiVersion: v1", "apiVersion: apps/v1"),
  POD.replace("apiVersion: v1\n", ""),
  POD.replace("apiVersion", "apiversion"),
  POD.replace("  name: web\nspec", "  name: Web_1\nspec"),
  POD.replace("  name: web\nspec", `  name: ${"a".repeat(246)}\nspec`),
  POD.replace("  name: web\nspec", `  name: ${"a".repeat(247)}\nspec`),
  POD.replace("  name: web\nspec", "  name: a.b.c\nspec"),
  POD.replace("  name: web\nspec", "  name: web\n  name: web2\nspec"),
  POD.replace("  name: web\nspec", "  name: 12\nspec"),
  POD.replace("  name: web\nspec", "  name: no\nspec"),
  POD.replace("  name: web\nspec", "  name: 2026-01-31\nspec"),
  POD.replace("  name: web\nspec", "  name: 1:30\nspec"),
  POD.replace("  name: web\nspec", "  name: !!str 12\nspec"),
  POD.replace("  name: web\nspec", "  name: \nspec"),
  POD.replace("metadata:\n  name: web\n", ""),
  POD.replace("metadata:\n  name: web\n", "metadata: null\n"),
  POD.slice(0, -10),
  POD.slice(0, 60),
  POD.replace("image: example.com/web:1", "image: example.com/web:1\n    image: other"),
  POD.replace("    image", "\timage"),
  POD.replace("  - name: web", "  - &c\n    name: web"),
  `base: &b {name: web, image: x}\n${POD.replace("  - name: web\n    image: example.com/web:1\n", "  - *b\n")}`,
  `base: &b {image: x}\n${POD.replace("    image: example.com/web:1\n", "    <<: *b\n")}`,
  `${POD}status: {phase: Running}\n`,
  `${POD}status: 5\n`,
  `${POD}other: {a: 1}\n`,
  `${POD}# bell \u0007\n`,
  "just text",
  "- a\n- b\n",
  "42",
  "null",
  "{}",
  "[]",
  '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"web","image":"x"}]}}',
  ' \n{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"web","image":"x"}]}}\n',
  '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"web","image":"x"}]}}\n---\na: 1\n',
  '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"web","image":"x",}]}}',
  '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"web","image":null}]}}',
  '{"apiVersion":"v1","kind":"Pod","Metadata":{"name":"web"},"spec":{"containers":[{"name":"web","image":"x"}]}}',
  '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"priority":1.0,"containers":[{"name":"web","image":"x"}]}}',
  "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: web, image: x}]}}",
  `apiVersion: v1\nkind: PodList\nitems:\n${asItem(POD)}`,
  `apiVersion: v1\nkind: PodList\nitems:\n${asItem(POD)}${asItem(POD.replace("name: web\nspec", "name: other\nspec"))}`,
  `apiVersion: v1\nkind: PodList\nitems:\n${asItem(POD)}${asItem(POD.replace("name: web\nspec", "name: Bad_\nspec"))}`,
  `apiVersion: v1\nkind: PodList\nitems:\n${asItem(POD.replace("apiVersion: v1\nkind: Pod\n", ""))}`,
  "apiVersion: v1\nkind: PodList\nitems: []\n",
  "apiVersion: v1\nkind: PodList\n",
  "apiVersion: v1\nkind: PodList\nitems: null\n",
  "apiVersion: v1\nkind: PodList\nitems: {}\n",
  "apiVersion: v1\nkind: PodList\nitems: [5]\n",
  `apiVersion: v1\nkind: List\nitems:\n${asItem(POD)}`,
];

/** Manifests of every sort: good, odd and bad. */
export function buildCorpus(): readonly string[] {
  const fixtures = join(import.meta.dirname, "../fixtures/kubeadm-manifests");
  return [
    POD,
    ...TEXTS,
    ...linesOf(METADATA).map((line) =>
      POD.replace("  name: web\nspec", `  name: web\n${below(line, 2)}spec`),
    ),
    ...linesOf(SPEC).map((line) =>
      line.startsWith("containers")
        ? POD.replace(/ {2}containers:[\s\S]*/, below(line, 2))
        : `${POD}${below(line, 2)}`,
    ),
    ...linesOf(CONTAINER).map((line) =>
      /^(image|name): /.test(line)
        ? POD.replace(/ {4}image:.*\n/, line.startsWith("image") ? below(line, 4) : `$&`).replace(
            / - name: web/,
            line.startsWith("name") ? ` - ${line}` : "$&",
          )
        : `${POD}${below(line, 4)}`,
    ),
    ...linesOf(MOUNTS).map(
      (line) => `${POD}    volumeMounts: [${line}]\n  volumes: [{name: x, emptyDir: {}}]\n`,
    ),
    ...linesOf(FILE_KEYS).map(
      (line) =>
        `${POD}    env: [{name: A, valueFrom: {fileKeyRef: ${line}}}]\n  volumes: [{name: x, emptyDir: {}}, {name: h, hostPath: {path: /h}}]\n`,
    ),
    ...readdirSync(fixtures).map((name) => readFileSync(join(fixtures, name), "utf8")),
  ];
}

/** The plain pod in other words, and pods that differ from it by little. */
export function buildEquivalents(): readonly string[] {
  return [
    `# a comment\n${POD}`,
    POD.replace("apiVersion: v1\nkind: Pod", "kind: Pod\napiVersion: v1"),
    POD.replaceAll("  ", "    ").replaceAll("    - ", "    - "),
    POD.replace("name: web\nspec", "name: 'web'\nspec"),
    `${POD}  hostNetwork: false\n`,
    `${POD}  hostPID: no\n`,
    `${POD}  restartPolicy: Always\n`,
    `${POD}  terminationGracePeriodSeconds: 30\n`,
    `${POD}  terminationGracePeriodSeconds: 31\n`,
    `${POD}    imagePullPolicy: IfNotPresent\n`,
    `${POD}    imagePullPolicy: Always\n`,
    `${POD}somethingNew: 1\n`,
    `${POD}  priority: 0\n`,
    `${POD}  hostname: ""\n`,
    POD.replace("name: web\nspec", "name: web\n  namespace: default\nspec"),
    POD.replace("name: web\nspec", 'name: web\n  namespace: ""\nspec'),
    POD.replace("name: web\nspec", "name: web\n  labels: {a: b, c: d}\nspec"),
    POD.replace("name: web\nspec", "name: web\n  labels: {c: d, a: b}\nspec"),
  ];
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** A line, or the entries of a line in braces, as mapping entries at an indent. */
function below(line: string, indent: number): string {
  const blanks = " ".repeat(indent);
  if (!line.startsWith("{")) return `${blanks}${line}\n`;
  return `${splitEntries(line.slice(1, -1))
    .map((entry) => `${blanks}${entry}\n`)
    .join("")}`;
}

function splitEntries(text: string): readonly string[] {
  const entries: string[] = [];
  let depth = 0;
  let current = "";
  for (const letter of text) {
    if ("[{".includes(letter)) depth += 1;
    if ("]}".includes(letter)) depth -= 1;
    if (letter === "," && depth === 0) {
      entries.push(current.trim());
      current = "";
    } else current += letter;
  }
  return [...entries, current.trim()];
}

function asItem(pod: string): string {
  return pod
    .split("\n")
    .filter((line) => line !== "")
    .map((line, index) => `${index === 0 ? "- " : "  "}${line}\n`)
    .join("");
}
