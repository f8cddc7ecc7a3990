import { applyObject } from "../../api/apply-object.ts";
import { openClient } from "../open-client.ts";
import { ABSENT, type StepHandler } from "../step-handler.ts";

/**
 * The ConfigMap through which pods of a namespace know the cluster's CA, as the controller-manager publishes it some
 * seconds after it has become healthy; it finds this one and is content.
 * Source: pkg/controller/certificates/rootcacertpublisher.
 */
export const publishRootCaHandler: StepHandler<"publish-root-ca"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    const client = await openClient(system, step);
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
    try {
      await applyObject(system, { client, object, timeoutMs: step.timeoutMs, signal: context.signal });
    } finally {
      client.close();
    }
  },
};
