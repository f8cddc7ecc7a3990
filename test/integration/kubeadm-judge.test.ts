import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findKubeadm } from "../support/kubeadm/find-kubeadm.ts";
import { createNetworkHosts, type NetworkHost } from "../support/network-hosts.ts";
import { type Outcome, runSlipway, startPlane, succeed, type TestPlane } from "../support/plane.ts";
import { readStatus } from "../support/status.ts";

const VERSION = "v1.37.2";
const OWN_ETC = resolve(import.meta.dirname, "../support/with-own-etc.sh");

// Hosts of their own take root. One plane serves all: what one test makes, the next may find.
describe.runIf(process.getuid?.() === 0)("real kubeadm on a control plane of Slipway's", () => {
  let hosts: Awaited<ReturnType<typeof createNetworkHosts>>;
  let plane: TestPlane;
  let program: string;
  let initOutput: string;
  let initProgress: string;

  /** kubeadm on a host; `root`: with the files of that control plane, else on a machine that has none. */
  const kubeadm = async (
    args: readonly string[],
    at: { readonly host: NetworkHost; readonly root?: string },
  ): Promise<Outcome> => {
    const [enter = "", ...words] = [
      ...at.host.enter,
      "unshare",
      "--mount",
      OWN_ETC,
      plane.dir,
      at.root ?? "-",
    ];
    const { exitCode, stdout, stderr } = await execa(enter, [...words, program, ...args], { reject: false });
    return { exitCode, stdout, stderr };
  };
  const onPlane = (...args: readonly string[]): Promise<Outcome> =>
    kubeadm(args, { host: hosts.first, root: plane.root });
  const joinWith = (command: string, ...more: readonly string[]): Promise<Outcome> => {
    const words = command.replaceAll("\\\n", " ").trim().split(/\s+/).slice(1);
    const ignored = ["--dry-run", "--node-name", "node-b", "--ignore-preflight-errors=all"];
    return kubeadm([...words, ...ignored, ...more], { host: hosts.second });
  };

  beforeAll(async () => {
    program = await findKubeadm(VERSION);
    hosts = await createNetworkHosts();
    plane = await startPlane({ host: hosts.first });
    await plane.editConfig((text) =>
      text.replace("networking:", `controlPlaneEndpoint: ${hosts.first.address}\nnetworking:`),
    );
    const outcome = await plane.init("--yes", "--addons", "--upload-certs", "-v", "1");
    initOutput = succeed(outcome);
    initProgress = outcome.stderr;
  }, 1_200_000);
  afterAll(async () => {
    try {
      await plane?.destroy();
    } finally {
      await hosts?.destroy();
    }
  });

  test("init's lines begin as kubeadm's do, and it ends with the same three things to do next", () => {
    const prefixes = new Set([...initProgress.matchAll(/^\[([a-z-]+)\] /gm)].map(([, name]) => name));
    // Source: the lines that kubeadm 1.37 prints in cmd/phases/init and phases/….
    expect([...prefixes].sort()).toEqual([
      ...["addons", "bootstrap-token", "certs", "control-plane", "etcd", "kubeconfig", "kubelet-start"],
      ...["mark-control-plane", "upload-certs", "upload-config", "wait-control-plane"],
    ]);
    const places = [
      /export KUBECONFIG=\S+admin\.conf/,
      /sudo cp -i \S+admin\.conf/,
      /install a network add-on: +kubectl apply -f/,
      /kubeadm join \S+ --token.*--control-plane --certificate-key/s,
      /Join a worker node.*kubeadm join \S+ --token/s,
    ].map((pattern) => initOutput.search(pattern));
    expect(places.filter((place) => place < 0)).toEqual([]);
    expect(places.toSorted((left, right) => left - right)).toEqual(places);
  });

  test("its own uploads leave every object as Slipway made it", async () => {
    const path = join(plane.dir, "kubeadm.yaml");
    const text = await readFile(plane.configPath, "utf8");
    await writeFile(
      path,
      `${text
        .replace(
          "kubernetesVersion:",
          `certificatesDir: ${plane.path("etc/kubernetes/pki")}\nencryptionAlgorithm: ECDSA-P256\nkubernetesVersion:`,
        )
        .replace(
          "  local:",
          `  local:\n    dataDir: ${plane.path("var/lib/etcd")}`,
        )}staticPodPath: ${plane.path("etc/kubernetes/manifests")}\n`,
    );
    const before = await listObjects();
    expect(Object.keys(before).length).toBeGreaterThan(25);
    for (const phase of ["upload-config all", "bootstrap-token", "mark-control-plane", "addon all"])
      succeed(await onPlane("init", "phase", ...phase.split(" "), "--config", path));
    const after = await listObjects();
    expect(Object.fromEntries(Object.keys(before).map((name) => [name, after[name]]))).toEqual(before);
  });

  test("certs check-expiration finds every certificate by the stored configuration", async () => {
    const stdout = succeed(await onPlane("certs", "check-expiration"));
    expect(stdout).toContain("super-admin.conf");
    expect(stdout).not.toMatch(/MISSING|Falling back/);
  });

  test("each sees and deletes the other's tokens", async () => {
    const theirs = succeed(await onPlane("token", "create")).trim();
    const ours = succeed(
      await plane.slipway("token", "create", "--ttl", "0", "--description", "mine"),
    ).trim();
    expect(succeed(await onPlane("token", "list"))).toMatch(
      new RegExp(`${ours} +<forever> +<never>.* mine `),
    );
    expect(succeed(await plane.slipway("token", "list"))).toContain(theirs);
    succeed(await onPlane("token", "delete", ours));
    expect(succeed(await plane.slipway("token", "delete", theirs.slice(0, 6)))).toContain("deleted");
    const left = succeed(await plane.slipway("token", "list"));
    expect([left.includes(ours), left.includes(theirs)]).toEqual([false, false]);
    for (const flags of [[], ["--dry-run"]])
      expect(await plane.slipway("token", "delete", theirs.slice(0, 6), ...flags)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(
          /why: there is none of that id; the cluster has [\s\S]*fix: .*token list/,
        ),
      });
  });

  test("the tokens of a configuration file are made, with a flag over the first", async () => {
    const path = join(plane.dir, "tokens.yaml");
    const tokens = ["aaaaaa.0123456789abcdef", "bbbbbb.0123456789abcdef"];
    await writeFile(
      path,
      `apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nbootstrapTokens:\n- { token: ${tokens[0]}, ttl: 1h }\n- { token: ${tokens[1]}, ttl: 0s, description: second }\n`,
    );
    const args = ["token", "create", "--config", path, "--description", "first"];
    expect(succeed(await plane.slipway(...args)).trim()).toBe(tokens[0]);
    const listed = succeed(await onPlane("token", "list"));
    expect(listed).toMatch(/aaaaaa\.0123456789abcdef +59m .* first /);
    expect(listed).toMatch(/bbbbbb\.0123456789abcdef +<forever> .* second /);
    succeed(await onPlane("token", "delete", ...tokens));
  });

  test("a kubeconfig for another user is one that the API server knows them by", async () => {
    const path = join(plane.dir, "anna.conf");
    const user = ["kubeconfig", "user", "--client-name", "anna", "--org", "dev,ops"];
    const { exitCode, stdout, stderr } = await plane.slipway(...user, "--validity-period", "99999h");
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining("warning: the CA ends on")]);
    await writeFile(path, stdout, { mode: 0o600 });
    const whoami = await plane.kubectl("--kubeconfig", path, "auth", "whoami", "-o", "json");
    expect(JSON.parse(whoami).status.userInfo).toMatchObject({
      username: "anna",
      groups: ["dev", "ops", "system:authenticated"],
    });
  });

  test("a token of an id that is taken is refused", async () => {
    const token = succeed(await runSlipway(["token", "generate"])).trim();
    succeed(await plane.slipway("token", "create", token));
    const { exitCode, stderr } = await plane.slipway("token", "create", token);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("already exists")]);
  });

  test("the printed command joins a worker from another host, as far as a dry run goes", async () => {
    const command = succeed(await plane.slipway("token", "create", "--print-join-command"));
    const { exitCode, stdout, stderr } = await joinWith(command);
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain("This node has joined the cluster");
  });

  test("init's own command joins a control plane with the uploaded certificates", async () => {
    const command = /kubeadm join[^\n]*\\\n[^\n]*\\\n[^\n]*--control-plane[^\n]*/.exec(initOutput)?.[0] ?? "";
    const { exitCode, stdout, stderr } = await joinWith(
      command,
      "--apiserver-advertise-address",
      hosts.second.address,
    );
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain("[download-certs] Downloading the certificates in Secret");
    expect(stdout).toContain("a new control plane instance was created");
  });

  test("upgrade plan reads the cluster as its own", async () => {
    // Its health check runs a Job unless no node takes pods; this machine runs none.
    await plane.kubectl("cordon", "node-a");
    const { stdout, stderr } = await onPlane("upgrade", "plan", VERSION, "--allow-experimental-upgrades");
    await plane.kubectl("uncordon", "node-a");
    expect(stderr).not.toContain("FATAL");
    expect(stdout).toContain("[upgrade/config] Reading configuration from the");
    expect(stdout).toContain(`Cluster version: ${VERSION.slice(1)}`);
  });

  test("config images list names the images that the manifests and add-ons name", async () => {
    const images = succeed(await onPlane("config", "images", "list", "--kubernetes-version", VERSION)).trim();
    const used = await plane.kubectl(
      ...["get", "pods,deployments,daemonsets", "-n", "kube-system", "-o"],
      "jsonpath={..image}",
    );
    const missing = images.split("\n").filter((image) => !used.split(/\s+/).includes(image));
    expect(missing).toEqual([expect.stringContaining("/pause:")]);
  });

  test("certs renew all of either is followed by a healthy control plane with the new files", async () => {
    succeed(await onPlane("certs", "renew", "all"));
    const stdout = succeed(await plane.slipway("certs", "renew", "all"));
    expect(stdout).toContain("certificate for serving the Kubernetes API renewed");
    expect(stdout).toContain("one by one: etcd, kube-apiserver, kube-controller-manager, kube-scheduler");
    expect(await readStatus(plane)).toMatchObject({ healthy: true });
    expect(await plane.kubectl("get", "--raw", "/readyz")).toBe("ok");
    expect(succeed(await onPlane("certs", "check-expiration"))).not.toContain("MISSING");
  });

  /**
   * Version of each object that kubeadm makes, too; of what controllers change, only its text: the signer cluster-info,
   * and the Deployment's generation counts its revision annotation, which kubeadm's update takes away.
   */
  async function listObjects(): Promise<Readonly<Record<string, string>>> {
    const kinds =
      "configmap,secret,role,rolebinding,clusterrole,clusterrolebinding,deployment,daemonset,service,serviceaccount";
    const { items } = JSON.parse(await plane.kubectl("get", kinds, "-A", "-o", "json")) as {
      items: {
        kind: string;
        metadata: { name: string; namespace?: string; resourceVersion: string; generation?: number };
        data?: Record<string, string>;
        spec?: unknown;
      }[];
    };
    const ours = /^kubeadm|kubelet-config|cluster-info|coredns|kube-proxy|kube-dns|bootstrap-token/;
    return Object.fromEntries(
      items
        .filter(({ metadata }) => ours.test(metadata.name))
        .map(({ kind, metadata, data, spec }) => [
          `${kind} ${metadata.namespace ?? ""}/${metadata.name}`,
          metadata.name === "cluster-info"
            ? (data?.["kubeconfig"] ?? "")
            : kind === "Deployment"
              ? JSON.stringify(spec)
              : String(metadata.generation ?? metadata.resourceVersion),
        ]),
    );
  }
});
