import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { healthUrls, listenPorts } from "../../../src/manifests/component-ports.ts";
import { resolveText } from "../../support/manifest-inputs.ts";

function golden(name: string) {
  const path = join(import.meta.dirname, "../../fixtures/golden", name, "input.yaml");
  return resolveText(readFileSync(path, "utf8"));
}

function describePorts(config: Parameters<typeof listenPorts>[0]): readonly string[] {
  return listenPorts(config).map(({ name, host, port }) => `${name} ${host} ${port}`);
}

test("a default plane listens on kubeadm's ports", () => {
  expect(describePorts(golden("1.37/default"))).toEqual([
    "etcd 127.0.0.1 2379",
    "etcd 10.77.0.1 2379",
    "etcd 10.77.0.1 2380",
    "etcd 127.0.0.1 2381",
    "kube-apiserver 0.0.0.0 6443",
    "kube-controller-manager 127.0.0.1 10257",
    "kube-scheduler 127.0.0.1 10259",
    "kubelet 0.0.0.0 10250",
    "kubelet 127.0.0.1 10248",
  ]);
});

test("on loopback no port is listed twice", () => {
  const ports = describePorts(golden("1.37/loopback"));
  expect(new Set(ports).size).toBe(ports.length);
});

test("a second plane listens on the ports of its extraArgs", () => {
  expect(describePorts(golden("1.37/second-plane"))).toEqual([
    "etcd 127.0.0.1 12379",
    "etcd 127.0.0.1 12380",
    "etcd 127.0.0.1 12381",
    "kube-apiserver 0.0.0.0 16443",
    "kube-controller-manager 127.0.0.1 20257",
    "kube-scheduler 127.0.0.1 20259",
    "kubelet 0.0.0.0 20250",
    "kubelet 127.0.0.1 20248",
  ]);
});

test("health is asked for at the advertise address and on loopback", () => {
  expect(healthUrls(golden("1.37/default"))).toEqual({
    etcd: "http://127.0.0.1:2381/readyz",
    "kube-apiserver": "https://10.77.0.1:6443/readyz",
    "kube-controller-manager": "https://127.0.0.1:10257/healthz",
    "kube-scheduler": "https://127.0.0.1:10259/readyz",
  });
});

test("IPv6 addresses stand in brackets", () => {
  expect(healthUrls(golden("1.36/ipv6"))).toMatchObject({
    etcd: "http://[::1]:2381/readyz",
    "kube-apiserver": "https://[fd00::5]:6443/readyz",
  });
});

test("a component that listens everywhere is asked over loopback, etcd at its first metrics URL", () => {
  expect(healthUrls(golden("1.36/extras"))).toMatchObject({
    etcd: "https://10.77.0.1:3381/readyz",
    "kube-controller-manager": "https://127.0.0.1:10257/healthz",
    "kube-scheduler": "https://[::1]:10259/readyz",
  });
});
