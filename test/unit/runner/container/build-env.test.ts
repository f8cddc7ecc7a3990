import { expect, test } from "vitest";
import { buildEnv } from "../../../../src/runner/container/build-env.ts";
import type { ServiceFacts } from "../../../../src/runner/services/known-services.ts";
import { buildPod } from "../../../support/build-pod.ts";

const SERVICES: readonly ServiceFacts[] = [
  {
    ...{ namespace: "default", name: "kubernetes", clusterIP: "10.96.0.1" },
    ports: [{ name: "https", protocol: "TCP", port: 443 }],
  },
  {
    ...{ namespace: "default", name: "web", clusterIP: "10.96.0.7" },
    ports: [{ name: "", protocol: "TCP", port: 80 }],
  },
];

function envOf(env: readonly object[], spec: object = {}): Readonly<Record<string, string>> {
  const pod = buildPod({ container: { env }, spec: { ...spec } });
  const [container] = pod.spec.containers;
  if (container === undefined) throw new Error("no container");
  const allocatable = { cpu: 2000, memory: 2 ** 30, "ephemeral-storage": 2 ** 40 };
  const built = buildEnv({
    pod,
    container,
    allocatable,
    nodeIp: "192.0.2.10",
    files: new Map(),
    services: SERVICES,
  });
  if (built.kind === "problem") throw new Error(built.message);
  return built.env;
}

test("a variable may refer to one of a Service and to earlier ones, and the container's own win over Services'", () => {
  const env = envOf([
    { name: "URL", value: "https://$(KUBERNETES_SERVICE_HOST):$(KUBERNETES_SERVICE_PORT)" },
    { name: "WEB_SERVICE_HOST", value: "mine" },
    { name: "WEB", value: "$(WEB_SERVICE_HOST) $(WEB_SERVICE_PORT) $(LATER)" },
    { name: "LATER", value: "x" },
  ]);
  expect(env).toMatchObject({
    URL: "https://10.96.0.1:443",
    WEB_SERVICE_HOST: "mine",
    WEB: "mine 80 $(LATER)",
    WEB_PORT: "tcp://10.96.0.7:80",
  });
});

test("without service links only the API server's variables are there", () => {
  const names = Object.keys(envOf([], { enableServiceLinks: false }));
  expect(names.filter((name) => !name.startsWith("KUBERNETES_"))).toEqual([]);
  expect(names).toContain("KUBERNETES_SERVICE_HOST");
});
