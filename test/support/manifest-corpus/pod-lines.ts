/** Lines below `metadata:`. */
export const METADATA = `
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
export const SPEC = `
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
