import { expect, test } from "vitest";
import { buildServiceEnv } from "../../../../src/runner/services/build-service-env.ts";
import type { ServiceFacts } from "../../../../src/runner/services/known-services.ts";

const API: ServiceFacts = {
  namespace: "default",
  name: "kubernetes",
  clusterIP: "10.96.0.1",
  ports: [{ name: "https", protocol: "TCP", port: 443 }],
};
const API_VARIABLES = {
  KUBERNETES_SERVICE_HOST: "10.96.0.1",
  KUBERNETES_SERVICE_PORT: "443",
  KUBERNETES_SERVICE_PORT_HTTPS: "443",
  KUBERNETES_PORT: "tcp://10.96.0.1:443",
  KUBERNETES_PORT_443_TCP: "tcp://10.96.0.1:443",
  KUBERNETES_PORT_443_TCP_PROTO: "tcp",
  KUBERNETES_PORT_443_TCP_PORT: "443",
  KUBERNETES_PORT_443_TCP_ADDR: "10.96.0.1",
};

// Source: pkg/kubelet/envvars/envvars_test.go TestFromServices.
test("a Service gives the variables that the kubelet's own test expects", () => {
  const services: ServiceFacts[] = [
    {
      ...{ namespace: "test", name: "foo-bar", clusterIP: "1.2.3.4" },
      ports: [{ name: "", protocol: "TCP", port: 8080 }],
    },
    {
      ...{ namespace: "test", name: "abc-123", clusterIP: "5.6.7.8" },
      ports: [
        { name: "u-d-p", protocol: "UDP", port: 8081 },
        { name: "t-c-p", protocol: "TCP", port: 8081 },
      ],
    },
    {
      ...{ namespace: "test", name: "super-ipv6", clusterIP: "2001:DB8::" },
      ports: [{ name: "u-d-p", protocol: "UDP", port: 8084 }],
    },
    { ...API, namespace: "test", name: "svrc-clusterip-none", clusterIP: "None" },
    { ...API, namespace: "test", name: "svrc-clusterip-empty", clusterIP: "" },
  ];
  expect(buildServiceEnv(services, { namespace: "test", links: true })).toEqual({
    FOO_BAR_SERVICE_HOST: "1.2.3.4",
    FOO_BAR_SERVICE_PORT: "8080",
    FOO_BAR_PORT: "tcp://1.2.3.4:8080",
    FOO_BAR_PORT_8080_TCP: "tcp://1.2.3.4:8080",
    FOO_BAR_PORT_8080_TCP_PROTO: "tcp",
    FOO_BAR_PORT_8080_TCP_PORT: "8080",
    FOO_BAR_PORT_8080_TCP_ADDR: "1.2.3.4",
    ABC_123_SERVICE_HOST: "5.6.7.8",
    ABC_123_SERVICE_PORT: "8081",
    ABC_123_SERVICE_PORT_U_D_P: "8081",
    ABC_123_SERVICE_PORT_T_C_P: "8081",
    ABC_123_PORT: "udp://5.6.7.8:8081",
    ABC_123_PORT_8081_UDP: "udp://5.6.7.8:8081",
    ABC_123_PORT_8081_UDP_PROTO: "udp",
    ABC_123_PORT_8081_UDP_PORT: "8081",
    ABC_123_PORT_8081_UDP_ADDR: "5.6.7.8",
    ABC_123_PORT_8081_TCP: "tcp://5.6.7.8:8081",
    ABC_123_PORT_8081_TCP_PROTO: "tcp",
    ABC_123_PORT_8081_TCP_PORT: "8081",
    ABC_123_PORT_8081_TCP_ADDR: "5.6.7.8",
    SUPER_IPV6_SERVICE_HOST: "2001:DB8::",
    SUPER_IPV6_SERVICE_PORT: "8084",
    SUPER_IPV6_SERVICE_PORT_U_D_P: "8084",
    SUPER_IPV6_PORT: "udp://[2001:DB8::]:8084",
    SUPER_IPV6_PORT_8084_UDP: "udp://[2001:DB8::]:8084",
    SUPER_IPV6_PORT_8084_UDP_PROTO: "udp",
    SUPER_IPV6_PORT_8084_UDP_PORT: "8084",
    SUPER_IPV6_PORT_8084_UDP_ADDR: "2001:DB8::",
  });
});

test("every pod is told of the API server's Service, also without links, and of no other namespace's", () => {
  const services = [
    API,
    { ...API, namespace: "default", name: "web" },
    { ...API, namespace: "b", name: "b" },
  ];
  expect(buildServiceEnv(services, { namespace: "a", links: true })).toEqual(API_VARIABLES);
  expect(buildServiceEnv(services, { namespace: "default", links: false })).toEqual(API_VARIABLES);
});

test("a Service of the pod's own namespace wins over the API server's of the same name, if links are wanted", () => {
  const own = { ...API, namespace: "a", clusterIP: "10.96.0.9" };
  for (const services of [
    [own, API],
    [API, own],
  ]) {
    const hostOf = (links: boolean): unknown =>
      buildServiceEnv(services, { namespace: "a", links })["KUBERNETES_SERVICE_HOST"];
    expect([hostOf(true), hostOf(false)]).toEqual(["10.96.0.9", "10.96.0.1"]);
  }
});
