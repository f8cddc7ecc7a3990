import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";

export const SLIPWAY = resolve(import.meta.dirname, "../../bin/slipway");

/** What a command of ours printed, and how it ended. */
export interface Outcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A control plane of its own under a temp directory, on free loopback ports. */
export interface TestPlane {
  readonly dir: string;
  readonly root: string;
  readonly configPath: string;
  readonly ports: PlanePorts;
  /** Runs `bin/slipway … --root ROOT`, without a terminal. */
  slipway(...args: readonly string[]): Promise<Outcome>;
  /** `init --config F` with these further arguments. */
  init(...args: readonly string[]): Promise<Outcome>;
  /** Runs kubectl as the administrator; rejects when it fails. */
  kubectl(...args: readonly string[]): Promise<string>;
  /** Changes the configuration file's text. */
  editConfig(edit: (text: string) => string): Promise<void>;
  /** `reset --force`, then removes the temp directory. */
  destroy(): Promise<void>;
}

export interface PlanePorts {
  readonly apiServer: number;
  readonly controllerManager: number;
  readonly scheduler: number;
  readonly etcdClient: number;
  readonly etcdPeer: number;
  readonly etcdMetrics: number;
  readonly kubelet: number;
  readonly kubeletHealthz: number;
}

/** A plane that is not there yet: its directory, ports and configuration. */
export async function preparePlane(): Promise<TestPlane> {
  const dir = await mkdtemp(join(tmpdir(), "slipway-test-"));
  const root = join(dir, "root");
  const ports = await choosePorts();
  const configPath = join(dir, "config.yaml");
  await writeFile(configPath, formatConfig(ports));
  const slipway = (...args: readonly string[]): Promise<Outcome> => runSlipway([...args, "--root", root]);
  return {
    dir,
    root,
    configPath,
    ports,
    slipway,
    init: (...args) => slipway("init", "--config", configPath, ...args),
    kubectl: async (...args) => {
      const { stdout } = await execa(await findKubectl(), args, {
        env: { KUBECONFIG: join(root, "etc/kubernetes/admin.conf"), HOME: dir },
      });
      return stdout;
    },
    editConfig: async (edit) => writeFile(configPath, edit(await readFile(configPath, "utf8"))),
    destroy: async () => {
      const reset = await slipway("reset", "--force");
      await rm(dir, { recursive: true, force: true });
      if (reset.exitCode !== 0) throw new Error(`reset failed: ${reset.stderr}`);
    },
  };
}

/** Runs `bin/slipway` as a program, without a terminal. */
export async function runSlipway(
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<Outcome> {
  const { exitCode, stdout, stderr } = await execa(SLIPWAY, args, {
    reject: false,
    stdin: "ignore",
    ...options,
  });
  return { exitCode, stdout, stderr };
}

/** The kubectl that Slipway itself would name. */
export async function findKubectl(): Promise<string> {
  const { stdout } = await runSlipway(["components", "list", "-o", "json"]);
  const { components } = JSON.parse(stdout) as {
    components: { name: string; component?: { path: string } }[];
  };
  const path = components.find(({ name }) => name === "kubectl")?.component?.path;
  if (path === undefined) throw new Error("there is no kubectl: run bin/slipway components fetch");
  return path;
}

async function choosePorts(): Promise<PlanePorts> {
  const servers = Array.from({ length: 8 }, () => createServer());
  await Promise.all(
    servers.map((server) => new Promise<void>((done) => server.listen(0, "127.0.0.1", done))),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  const [
    apiServer = 0,
    controllerManager = 0,
    scheduler = 0,
    etcdClient = 0,
    etcdPeer = 0,
    etcdMetrics = 0,
    kubelet = 0,
    kubeletHealthz = 0,
  ] = ports;
  return {
    apiServer,
    controllerManager,
    scheduler,
    etcdClient,
    etcdPeer,
    etcdMetrics,
    kubelet,
    kubeletHealthz,
  };
}

function formatConfig(ports: PlanePorts): string {
  const client = `https://127.0.0.1:${ports.etcdClient}`;
  const peer = `https://127.0.0.1:${ports.etcdPeer}`;
  return `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: 127.0.0.1, bindPort: ${ports.apiServer} }
nodeRegistration: { name: node-a }
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.37.2
networking: { podSubnet: 10.244.0.0/16 }
controllerManager:
  extraArgs: [{ name: secure-port, value: "${ports.controllerManager}" }]
scheduler:
  extraArgs: [{ name: secure-port, value: "${ports.scheduler}" }]
etcd:
  local:
    extraArgs:
    - { name: listen-client-urls, value: "${client}" }
    - { name: advertise-client-urls, value: "${client}" }
    - { name: listen-peer-urls, value: "${peer}" }
    - { name: initial-advertise-peer-urls, value: "${peer}" }
    - { name: initial-cluster, value: "node-a=${peer}" }
    - { name: listen-metrics-urls, value: "http://127.0.0.1:${ports.etcdMetrics}" }
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
port: ${ports.kubelet}
healthzPort: ${ports.kubeletHealthz}
`;
}
