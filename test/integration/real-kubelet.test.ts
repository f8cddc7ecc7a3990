import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BUILD_TIMEOUT_MS } from "../support/kubeadm/find-kubeadm.ts";
import {
  BUSYBOX_IMAGE,
  createKubeletHost,
  type KubeletHost,
  packImages,
} from "../support/kubelet/kubelet-host.ts";
import { missingForNodeHosts } from "../support/kubelet/node-host.ts";
import { createNetworkHosts } from "../support/network-hosts.ts";
import { runSlipway, succeed } from "../support/plane.ts";

/** A kubelet refuses cgroup v1 unless it is told not to, and kubeadm's default driver is systemd's. */
const CONFIG = `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.37.2
networking: { podSubnet: 10.244.0.0/16 }
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failCgroupV1: false
cgroupDriver: cgroupfs
`;

const POD = `apiVersion: v1
kind: Pod
metadata: { name: hello }
spec:
  containers:
  - name: main
    image: ${BUSYBOX_IMAGE}
    imagePullPolicy: Never
    command: [busybox, sh, -c, "busybox echo hello from a pod; exec busybox sleep 3600"]
`;

// Machines of their own take root and cgroup v1. One control plane serves all: each test goes on where the last ended.
describe.skipIf(missingForNodeHosts())("a real kubelet with containerd", () => {
  let dir: string;
  let network: Awaited<ReturnType<typeof createNetworkHosts>> | undefined;
  let images: Awaited<ReturnType<typeof packImages>> | undefined;
  const hosts: KubeletHost[] = [];
  let first: KubeletHost;
  let second: KubeletHost;

  const slipway = async (...args: readonly string[]): Promise<string> =>
    succeed(await runSlipway(args, { host: first }));
  const kubectl = (...args: readonly string[]): Promise<string> =>
    first.run(
      "env",
      "KUBECONFIG=/etc/kubernetes/admin.conf",
      "KUBECACHEDIR=/run/kubectl",
      "kubectl",
      ...args,
    );

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "slipway-test-"));
    await writeFile(join(dir, "config.yaml"), CONFIG);
    await writeFile(join(dir, "pod.yaml"), POD);
    network = await createNetworkHosts();
    images = await packImages();
    const create = async (options: Parameters<typeof createKubeletHost>[0]) => {
      const host = await createKubeletHost(options);
      hosts.push(host);
      return host;
    };
    first = await create({
      network: network.first,
      name: "node-a",
      images: [...images.node, ...images.controlPlane],
    });
    second = await create({ network: network.second, name: "node-b", images: images.node });
    await slipway("init", "--config", join(dir, "config.yaml"));
  }, BUILD_TIMEOUT_MS);
  afterAll(async () => {
    for (const host of hosts.reverse()) await host.destroy();
    await network?.destroy();
    await images?.remove();
    await rm(dir, { recursive: true });
  });

  test("joins from another machine by kubeadm with the printed command", async () => {
    const command = await slipway("token", "create", "--print-join-command");
    const words = command.replaceAll("\\\n", " ").trim().split(/\s+/);
    await second.startKubelet();
    // kubeadm refuses cgroup v1 whatever the kubelet's configuration says.
    const stdout = await second.run(...words, "--ignore-preflight-errors=SystemVerification");
    expect(stdout).toContain("This node has joined the cluster");
    await kubectl("wait", "--for=condition=Ready", "--timeout=60s", "node/node-b");
    const requests = await kubectl("get", "csr", "-o", "jsonpath={.items[*].status.conditions[*].type}");
    expect(requests.split(" ")).toEqual(["Approved"]);
  });

  test("runs the pod that the scheduler gives it, and kubectl reaches into it", async () => {
    await kubectl("apply", "-f", join(dir, "pod.yaml"));
    await kubectl("wait", "--for=condition=Ready", "--timeout=60s", "pod/hello");
    expect(await kubectl("get", "pod", "hello", "-o", "jsonpath={.spec.nodeName}")).toBe("node-b");
    expect(await kubectl("logs", "hello")).toBe("hello from a pod");
    expect(await kubectl("exec", "hello", "--", "busybox", "echo", "inside")).toBe("inside");
  });
});
