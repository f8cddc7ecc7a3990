import { X509Certificate } from "node:crypto";
import { readFile, rm, symlink, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseKubeconfig } from "../../src/kubeconfig/parse-kubeconfig.ts";
import { replaceClientPair } from "../../src/kubeconfig/replace-client-pair.ts";
import { parseQuantity } from "../../src/pod/quantity.ts";
import { createNetworkHosts, type NetworkHost } from "../support/network-hosts.ts";
import { createNodeClient } from "../support/node-client.ts";
import { findKubectl, startPlane, succeed, type TestPlane } from "../support/plane.ts";
import { openPki } from "../support/plane-pki.ts";

const POD = `apiVersion: v1
kind: Pod
metadata: { name: web, namespace: default }
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 1
  containers:
  - name: web
    image: local/web:1
    command: [/bin/sh, -c, "n=0; while :; do n=$((n+1)); echo line $n; echo err >&2; sleep 0.2; done"]
  - { name: talks, image: local/talks:1, stdin: true, tty: true, command: [sh, -i] }
`;

/** Tells its three limits, the last one again out of a file, and the size of a volume in memory. */
const LIMITS = `apiVersion: v1
kind: Pod
metadata: { name: limits, namespace: default }
spec:
  hostNetwork: true
  restartPolicy: Never
  containers:
  - name: limits
    image: local/limits:1
    command: [/bin/sh, -c, 'echo $CPU $MEMORY $DISK; cat /info/disk; echo; df -B1 --output=size /memory | tail -1']
    env:
    - { name: CPU, valueFrom: { resourceFieldRef: { resource: limits.cpu } } }
    - { name: MEMORY, valueFrom: { resourceFieldRef: { resource: limits.memory } } }
    - { name: DISK, valueFrom: { resourceFieldRef: { resource: limits.ephemeral-storage } } }
    volumeMounts: [{ name: info, mountPath: /info }, { name: memory, mountPath: /memory }]
  volumes:
  - name: info
    downwardAPI:
      items:
      - path: disk
        resourceFieldRef: { containerName: limits, resource: limits.ephemeral-storage }
  - { name: memory, emptyDir: { medium: Memory } }
`;

let network: NetworkHost;
let destroyHosts: () => Promise<void>;
let plane: TestPlane;
let kubectlPath: string;

const { begin, fieldOf, kubectl, kubectlInTerminal, phaseOf, runScript, startOf } = createNodeClient({
  plane: () => plane,
  host: () => network,
  kubectlPath: () => kubectlPath,
});

describe.skipIf(process.getuid?.() !== 0)("the node as the API server sees it (needs root)", () => {
  beforeAll(async () => {
    const hosts = await createNetworkHosts();
    destroyHosts = hosts.destroy;
    network = hosts.first;
    plane = await startPlane({ host: network });
    kubectlPath = await findKubectl();
    await writeFile(plane.path("etc/kubernetes/manifests/web.yaml"), POD);
  });
  afterAll(async () => {
    await rm(plane.path("etc/kubernetes/manifests/web.yaml"), { force: true });
    await plane.destroy().finally(destroyHosts);
  });

  test("a static pod is shown by its mirror", async () => {
    await expect.poll(() => phaseOf("web-node-a")).toBe("Running");
  });

  test("a limit that is not set is what the node lets pods have, in variables, files and memory volumes", async () => {
    const path = plane.path("etc/kubernetes/manifests/limits.yaml");
    await writeFile(path, LIMITS);
    await expect.poll(() => phaseOf("limits-node-a")).toBe("Succeeded");
    const shown = (await kubectl(["logs", "limits-node-a"])).stdout.trim().split(/\s+/);
    const { stdout } = await kubectl(["get", "node", "node-a", "-o", "jsonpath={.status.allocatable}"]);
    const allocatable = JSON.parse(stdout) as Readonly<Record<string, string>>;
    const [cpu, memory, disk] = ["cpu", "memory", "ephemeral-storage"].map((name) =>
      String(parseQuantity(allocatable[name] ?? "")),
    );
    expect(shown).toEqual([cpu, memory, disk, disk, memory]);
    await rm(path);
  });

  test("exec runs a command with input, both outputs and its exit code", async () => {
    const script = "cat; echo wrong >&2; exit 7";
    const outcome = await kubectl(["exec", "-i", "web-node-a", "--", "sh", "-c", script], "given");
    expect(outcome).toMatchObject({ exitCode: 7, stdout: "given" });
    expect(outcome.stderr).toContain("wrong");
  });

  test("exec carries megabytes both ways unchanged", async () => {
    const text = "0123456789abcde\n".repeat(150_000);
    const { stdout } = await kubectl(["exec", "-i", "web-node-a", "--", "cat"], text);
    expect(stdout === text.trimEnd()).toBe(true);
  });

  test("exec -it has a terminal of the client's size, and its interrupt works", async () => {
    const typed = "stty size; sleep 60\\n";
    // What is typed comes when the shell is there.
    const printed = await kubectlInTerminal("exec -it web-node-a -- sh", {
      typist: `sleep 2; printf '${typed}'; sleep 1; printf '\\003'; sleep 0.5; printf 'echo $((40+2)); exit\\n'; sleep 1`,
    });
    expect(printed).toContain("31 97");
    expect(printed).toContain("42");
  });

  test("a client that goes away takes what it ran with it", async () => {
    const marker = `sleep 7${plane.ports.kubelet}`;
    const client = begin("exec", "web-node-a", "--", "sh", "-c", `${marker}; true`);
    await expect.poll(() => countProcesses(marker)).toBeGreaterThan(1);
    client.kill("SIGKILL");
    await expect.poll(() => countProcesses(marker)).toBe(0);
  });

  test("logs and attach show what the container says", async () => {
    // What comes while it is read is shown, too, as by a kubelet.
    expect((await kubectl(["logs", "web-node-a", "--tail=1"])).stdout).toMatch(
      /^(?:line \d+|err)(?:\n(?:line \d+|err)){0,5}$/,
    );
    const followed = await kubectl(["logs", "-f", "web-node-a"], "", 3000);
    expect(followed.stdout.split("\n").length).toBeGreaterThan(10);
    const attached = await kubectl(["attach", "web-node-a"], "", 3000);
    expect(attached.stdout).toMatch(/line \d+\nline \d+/);
    expect(attached.stdout).not.toContain("line 1\n");
  });

  test("attach -it reaches a container's own terminal; of one without input a client is told that it goes nowhere", async () => {
    const typed = await kubectl(["attach", "-i", "web-node-a", "-c", "web"], "typed\n", 3000);
    expect(typed.stderr).toContain("this container has no input: what you type goes nowhere");
    expect(typed.stdout).toMatch(/line \d+\n/);
    const printed = await kubectlInTerminal("attach -it web-node-a -c talks", {
      typist: "sleep 3; printf 'stty size; echo $((40+2)); exit\\n'; sleep 1",
      reject: false,
      timeout: 20_000,
    });
    expect(printed).toMatch(/31 97\s+42\s/);
  });

  test("port-forward reaches a port of the pod", async () => {
    const port = plane.ports.etcdMetrics;
    const forward = begin("-n", "kube-system", "port-forward", "etcd-node-a", `:${port}`);
    try {
      let said = "";
      forward.stdout.on("data", (chunk: Buffer) => {
        said += chunk.toString();
      });
      await expect.poll(() => said).toMatch(/127\.0\.0\.1:\d+/);
      const local = /127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      const script = `const { text } = await import("node:stream/consumers"); const http = await import("node:http");
        http.get("http://127.0.0.1:${local}/health", async (r) => console.log(await text(r)));`;
      expect(await runScript(script)).toContain('"health":"true"');
    } finally {
      forward.kill("SIGKILL");
    }
  });

  test("the API server's proxy shows pods, configuration, metrics and what is used", async () => {
    const get = (path: string): Promise<string> =>
      plane.kubectl("get", "--raw", `/api/v1/nodes/node-a/proxy/${path}`);
    expect(await get("healthz")).toBe("ok");
    expect(JSON.parse(await get("pods")).items.length).toBe(5);
    expect(JSON.parse(await get("runningpods/")).items.length).toBe(5);
    expect(JSON.parse(await get("configz")).kubeletconfig.port).toBe(plane.ports.kubelet);
    expect(JSON.parse(await get("stats/summary")).pods.length).toBe(5);
    expect(await get("metrics")).toContain("kubelet_running_pods 5\n");
    expect(await get("metrics/cadvisor")).toMatch(
      /^container_memory_working_set_bytes\{container="etcd",id="\/slipway\/pod[^"]+",image="[^"]+\/etcd:[^"]+",name="[0-9a-f]{64}",namespace="kube-system",pod="etcd-node-a"\} [1-9]/m,
    );
  });

  test("the proxy shows the machine's logs, and nothing beside them", async () => {
    const get = (path: string): Promise<string> =>
      plane.kubectl("get", "--raw", `/api/v1/nodes/node-a/proxy/logs/${path}`).catch(String);
    expect(await get("")).toContain('<a href="pods/">pods/</a>');
    expect(await get("slipway/runner.log")).toContain("info the Node is registered");
    expect(await get("nothing")).toContain("NotFound");
    await symlink(plane.path("etc/kubernetes/admin.conf"), plane.path("var/log/leak"));
    const leaked = await get("leak");
    await rm(plane.path("var/log/leak"));
    expect(leaked).toContain("Forbidden");
    expect(leaked).not.toContain("client-key-data");
  });

  test("the node itself answers nobody without a name or the right, but for its health on a port of its own", async () => {
    const token = await plane.kubectl("create", "token", "default", "-n", "default");
    const paths = [
      ...["healthz", "pods", "runningpods/", "configz", "metrics", "stats/summary", "logs/", "nothing"],
      ...["containerLogs/default/web-node-a/web", "exec/default/web-node-a/web?command=id&output=1"],
      ...["attach/default/web-node-a/web?output=1", "portForward/default/web-node-a"],
    ];
    const script = `
      const codes = [];
      for (const headers of [{}, { authorization: "Bearer rubbish" }, { authorization: "Bearer ${token}" }])
        for (const path of ${JSON.stringify(paths)})
          codes.push((await fetch("https://${network.address}:${plane.ports.kubelet}/" + path, { headers })).status);
      codes.push((await fetch("http://127.0.0.1:${plane.ports.kubeletHealthz}/healthz")).status);
      codes.push((await fetch("http://127.0.0.1:${plane.ports.kubeletHealthz}/pods")).status);
      console.log(codes.join(" "));`;
    const printed = await runScript(script, { NODE_TLS_REJECT_UNAUTHORIZED: "0" });
    const each = (status: number): readonly number[] => paths.map(() => status);
    expect(printed.split(" ").map(Number)).toEqual([...each(401), ...each(401), ...each(403), 200, 404]);
  });

  test("a mirror that a user deletes or edits is right again, and the process goes on", async () => {
    const started = await startOf();
    for (const options of [["--grace-period=30"], ["--grace-period=0", "--force"]]) {
      const uid = await fieldOf("{.metadata.uid}");
      await kubectl(["delete", "pod", "web-node-a", "--wait=false", ...options]);
      await expect.poll(() => fieldOf("{.metadata.uid}")).not.toMatch(new RegExp(`^(?:${uid})?$`));
    }
    await kubectl(["label", "pod", "web-node-a", "mine=yes"]);
    await expect.poll(() => fieldOf("{.metadata.labels.mine}")).toBe("");
    await expect.poll(() => phaseOf("web-node-a")).toBe("Running");
    expect(await startOf()).toBe(started);
  });

  test("a mirror that admission refuses is told in ps, and comes when it may", async () => {
    const limit = {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "none" },
      spec: { hard: { pods: "0" } },
    };
    await kubectl(["create", "-f", "-"], JSON.stringify(limit));
    await expect
      .poll(
        async () => (await kubectl(["get", "quota", "none", "-o", "jsonpath={.status.hard.pods}"])).stdout,
      )
      .toBe("0");
    const started = await startOf();
    await kubectl(["delete", "pod", "web-node-a", "--grace-period=0", "--force", "--wait=false"]);
    await expect
      .poll(async () => succeed(await plane.slipway("ps", "-o", "json")))
      .toContain("exceeded quota");
    await kubectl(["delete", "quota", "none"]);
    await expect.poll(() => phaseOf("web-node-a"), { timeout: 90_000 }).toBe("Running");
    expect(await startOf()).toBe(started);
  });

  test("the pod of a DaemonSet that tolerates everything stays Pending with the reason, and its deletion is completed", async () => {
    const labels = { app: "everywhere" };
    const spec = { tolerations: [{ operator: "Exists" }], containers: [{ name: "c", image: "i" }] };
    const set = {
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { name: "everywhere" },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    };
    await kubectl(["create", "-f", "-"], JSON.stringify(set));
    const states = async (): Promise<string> =>
      (
        await kubectl([
          ...["get", "pods", "-l", "app=everywhere", "-o"],
          "jsonpath={range .items[*]}{.spec.nodeName} {.status.phase} {.status.reason}{end}",
        ])
      ).stdout;
    await expect.poll(states).toBe("node-a Pending StaticPodsOnly");
    expect((await kubectl(["delete", "daemonset", "everywhere", "--timeout=20s"])).exitCode).toBe(0);
    await expect.poll(states).toBe("");
  });

  test("a client certificate near its end is renewed through the cluster", async () => {
    const path = plane.path("etc/kubernetes/kubelet.conf");
    const readEnd = async (): Promise<number> =>
      Date.parse(
        new X509Certificate(parseKubeconfig({ text: await readFile(path, "utf8"), path }).cert).validTo,
      );
    const text = await readFile(path, "utf8");
    const old = await openPki(plane).issueLike(parseKubeconfig({ text, path }).cert, { validityMs: 25_000 });
    await writeFile(path, replaceClientPair(text, old));
    succeed(await plane.slipway("runner", "restart"));
    await expect.poll(readEnd).toBeGreaterThan(Date.now() + 86_400_000);
    const { stdout } = await kubectl(["get", "csr", "-o", "jsonpath={.items[*].spec.username}"]);
    expect(stdout).toContain("system:node:node-a");
  });

  test("a removed manifest takes its mirror with it", async () => {
    await rm(plane.path("etc/kubernetes/manifests/web.yaml"));
    await expect.poll(() => phaseOf("web-node-a")).toBe("");
  });
});

async function countProcesses(text: string): Promise<number> {
  const { stdout } = await execa("ps", ["-eo", "args="]);
  return stdout.split("\n").filter((line) => line.includes(text) && !line.includes("kubectl")).length;
}
