import { applyObject } from "../../api/apply-object.ts";
import { ABSENT, type StepHandler } from "../step-handler.ts";

/**
 * The ConfigMap through which pods of a namespace know the cluster's CA, as the controller-manager publishes it some
 * seconds after it has become healthy; it finds this one and is content.
 * Source: pkg/controller/certificates/rootcacertpublisher.
 */
export const publishRootCaHandler: StepHandler<"publish-root-ca"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    const object = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "kube-root-ca.crt",
        namespace: step.namespace,
        annotations: { "kubernetes.io/description": "The CA that signed the API server's certificate" },
      },
      data: { "ca.crt": await system.fs.readText(step.caCertPath) },
    };
    const client = await context.apiClient(step.kubeconfigPath);
    const { timeoutMs } = step;
    const applied = await applyObject(system, { client, object, timeoutMs, signal: context.signal });
    return applied === "unchanged" ? applied : undefined;
  },
};
