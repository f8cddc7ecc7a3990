import { formatYaml } from "../core/yaml.ts";

/**
 * Who may ask without saying who they are: probes, and nodes that join, which read the cluster's CA with the token's
 * signature on it. All else is refused before any rule of RBAC is asked. Source: kubeadm app/discovery/token/token.go.
 */
export function formatAuthentication(): string {
  const paths = ["/livez", "/readyz", "/healthz", "/api/v1/namespaces/kube-public/configmaps/cluster-info"];
  return formatYaml({
    apiVersion: "apiserver.config.k8s.io/v1beta1",
    kind: "AuthenticationConfiguration",
    anonymous: { enabled: true, conditions: paths.map((path) => ({ path })) },
  });
}

/** How many events one namespace and one user may make a second. Source: apiserver plugin/pkg/admission/eventratelimit. */
export function formatAdmission(): string {
  return formatYaml({
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "AdmissionConfiguration",
    plugins: [
      {
        name: "EventRateLimit",
        configuration: {
          apiVersion: "eventratelimit.admission.k8s.io/v1alpha1",
          kind: "Configuration",
          limits: [
            { type: "Namespace", qps: 50, burst: 500, cacheSize: 1000 },
            { type: "User", qps: 10, burst: 250, cacheSize: 1000 },
          ],
        },
      },
    ],
  });
}

/**
 * What is written down of requests: nothing of what says nothing; of secrets and tokens only who asked; of who may do
 * what, and of what runs in a pod, the request as well. Source of the concerns: CIS 3.2.2.
 */
export function formatAuditPolicy(): string {
  return formatYaml({
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived"],
    rules: [
      { level: "None", nonResourceURLs: ["/healthz*", "/livez*", "/readyz*", "/metrics", "/version"] },
      { level: "None", resources: [{ group: "", resources: ["events"] }, { group: "events.k8s.io" }] },
      {
        level: "None",
        userGroups: ["system:nodes"],
        resources: [{ group: "coordination.k8s.io", resources: ["leases"] }],
      },
      {
        level: "None",
        users: ["system:kube-controller-manager", "system:kube-scheduler", "system:apiserver"],
        verbs: ["get", "list", "watch", "update"],
        resources: [{ group: "coordination.k8s.io", resources: ["leases"] }],
      },
      {
        level: "Metadata",
        resources: [
          { group: "", resources: ["secrets", "configmaps", "serviceaccounts/token"] },
          { group: "authentication.k8s.io" },
        ],
      },
      {
        level: "Request",
        verbs: ["create", "update", "patch", "delete", "deletecollection"],
        resources: [
          { group: "rbac.authorization.k8s.io" },
          { group: "admissionregistration.k8s.io" },
          { group: "certificates.k8s.io" },
          {
            group: "",
            resources: ["pods/exec", "pods/attach", "pods/portforward", "pods/ephemeralcontainers"],
          },
        ],
      },
      { level: "None", verbs: ["get", "list", "watch"], userGroups: ["system:nodes"] },
      { level: "Metadata" },
    ],
  });
}
