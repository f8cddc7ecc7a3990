/** Lines below the first container. */
export const CONTAINER = `
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
export const FILE_KEYS = `
{volumeName: x, path: p/q.env, key: "a b"}
{volumeName: x, path: /p, key: k, optional: true}
{volumeName: x, path: ../p, key: k}
{volumeName: x, path: p, key: a=b}
{volumeName: x, path: "", key: k}
{volumeName: h, path: p, key: k}
{volumeName: z, path: p, key: k}
`;

/** Mounts of the first container, with a volume to mount. */
export const MOUNTS = `
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
