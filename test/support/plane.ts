import { chmod, chown, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { processesNaming } from "./machine.ts";
import type { NetworkHost } from "./network-hosts.ts";
import { reservePorts } from "./reserve-ports.ts";

/** The program under test: what the global set-up of the integration tests has built, else this clone. */
export const PROGRAM_HOME = process.env["SLIPWAY_TEST_HOME"] ?? resolve(import.meta.dirname, "../..");
export const MAIN = join(PROGRAM_HOME, "dist/main.cjs");

/** A user with no rights and, in most images, no home directory: nobody. */
export const NOBODY = 65534;

/** What a command of ours printed, and how it ended. */
export interface Outcome {
  /** Undefined: a signal has killed it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface BegunCommand {
  readonly pid: number;
  /** What it has printed on stdout so far. */
  readonly printed: () => string;
  readonly done: Promise<Outcome>;
}

/** How a command is run. */
export interface RunOptions {
  /** Run as this user, without groups and without HOME. */
  readonly uid?: number;
  /** Run with no interface but a loopback that is down. Needs root. */
  readonly withoutNetwork?: boolean;
  readonly cwd?: string;
  /** Another build of the program. */
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Run on this host; the plane advertises its address. */
  readonly host?: NetworkHost;
}

/** A control plane of its own under a temp directory, on free loopback ports. */
export interface TestPlane {
  /** Holds the root, the configuration file and nothing else. */
  readonly dir: string;
  readonly root: string;
  readonly configPath: string;
  readonly ports: PlanePorts;
  /** Runs `slipway … --root ROOT`, without a terminal. */
  slipway(...args: readonly string[]): Promise<Outcome>;
  /** The same with these variables. */
  slipwayWith(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Outcome>;
  /** Begins `slipway … --root ROOT`, to be killed. */
  begin(...args: readonly string[]): BegunCommand;
  /** `init --config F` with these further arguments. */
  init(...args: readonly string[]): Promise<Outcome>;
  /** Runs kubectl as the administrator; rejects when it fails. */
  kubectl(...args: readonly string[]): Promise<string>;
  /** A path under the root. */
  path(inRoot: string): string;
  /** Changes the configuration file's text. */
  editConfig(edit: (text: string) => string): Promise<void>;
  /** `reset --force`, then removes the temp directory. Rejects when reset fails or a process is left. */
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

/** A plane that is not there yet: its directory, ports and configuration. It belongs to `uid` when that is given. */
export async function preparePlane(options: RunOptions = {}): Promise<TestPlane> {
  const dir = await mkdtemp(join(tmpdir(), "slipway-test-"));
  const root = join(dir, "root");
  const ports = await choosePorts();
  const configPath = join(dir, "config.yaml");
  await writeFile(configPath, formatConfig(ports, options.host?.address ?? "127.0.0.1"));
  if (options.uid !== undefined) await chown(dir, options.uid, options.uid);
  await chmod(dir, 0o755);
  const slipway = (...args: readonly string[]): Promise<Outcome> =>
    runSlipway([...args, "--root", root], options);
  return {
    dir,
    root,
    configPath,
    ports,
    slipway,
    slipwayWith: (env, ...args) =>
      runSlipway([...args, "--root", root], { ...options, env: { ...options.env, ...env } }),
    begin: (...args) => beginSlipway([...args, "--root", root], options),
    init: (...args) => slipway("init", "--config", configPath, ...args),
    kubectl: async (...args) => {
      const [program = "", ...rest] = [...(options.host?.enter ?? []), await findKubectl(), ...args];
      const { stdout } = await execa(program, rest, {
        env: { KUBECONFIG: join(root, "etc/kubernetes/admin.conf"), KUBECACHEDIR: `${dir}.cache` },
      });
      return stdout;
    },
    path: (inRoot) => join(root, inRoot),
    editConfig: async (edit) => writeFile(configPath, edit(await readFile(configPath, "utf8"))),
    destroy: async () => {
      const reset = await slipway("reset", "--force");
      const left = processesNaming(root);
      for (const { pid } of left) process.kill(pid, "SIGKILL");
      if (reset.exitCode !== 0) await slipway("reset", "--force");
      await rm(dir, { recursive: true, force: true });
      await rm(`${dir}.cache`, { recursive: true, force: true });
      if (reset.exitCode !== 0) throw new Error(`reset failed: ${reset.stderr}`);
      if (left.length > 0) throw new Error(`reset left ${left.map(({ args }) => args.join(" ")).join("; ")}`);
    },
  };
}

/** What a command printed that has to succeed; when it failed, an error with what it said. */
export function succeed({ exitCode, stdout, stderr }: Outcome): string {
  if (exitCode === 0) return stdout;
  throw new Error(`exit code ${exitCode}: ${stderr}`);
}

/** A running plane; nothing is left when `init` fails. */
export async function startPlane(options: RunOptions = {}): Promise<TestPlane> {
  const plane = await preparePlane(options);
  const { exitCode, stderr } = await plane.init();
  if (exitCode === 0) return plane;
  await plane.destroy();
  throw new Error(`init failed: ${stderr}`);
}

/** Runs the program, without a terminal. */
export function runSlipway(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return beginSlipway(args, options).done;
}

/** The kubectl that Slipway itself would name. */
export function findKubectl(): Promise<string> {
  return findComponent("kubectl");
}

/** A component that Slipway itself would take. */
export async function findComponent(name: string): Promise<string> {
  const { stdout } = await runSlipway(["components", "list", "-o", "json"]);
  const { components } = JSON.parse(stdout) as {
    components: { name: string; component?: { path: string } }[];
  };
  const path = components.find((component) => component.name === name)?.component?.path;
  if (path === undefined) throw new Error(`there is no ${name}: run bin/slipway components fetch`);
  return path;
}

function beginSlipway(
  args: readonly string[],
  { uid, withoutNetwork, cwd, host, env: added, home = PROGRAM_HOME }: RunOptions,
): BegunCommand {
  const { HOME, PATH, SLIPWAY_CACHE_DIR, XDG_CACHE_HOME } = process.env;
  const asUser =
    uid === undefined ? [] : ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", "--"];
  const alone = withoutNetwork === true ? ["unshare", "--net", "--"] : [];
  const [program = "", ...rest] = [
    ...(host?.enter ?? []),
    ...alone,
    ...asUser,
    process.execPath,
    join(home, "dist/main.cjs"),
    ...args,
  ];
  const child = execa(program, rest, {
    reject: false,
    stdin: "ignore",
    stripFinalNewline: false,
    extendEnv: false,
    env: { PATH, ...(uid === undefined ? { HOME, SLIPWAY_CACHE_DIR, XDG_CACHE_HOME } : {}), ...added },
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (child.pid === undefined) throw new Error(`${program} could not be started`);
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString("utf8");
  });
  return {
    pid: child.pid,
    printed: () => printed,
    done: child.then(({ exitCode, stdout, stderr }) => ({ exitCode, stdout, stderr })),
  };
}

async function choosePorts(): Promise<PlanePorts> {
  const [
    apiServer = 0,
    controllerManager = 0,
    scheduler = 0,
    etcdClient = 0,
    etcdPeer = 0,
    etcdMetrics = 0,
    kubelet = 0,
    kubeletHealthz = 0,
  ] = await reservePorts(8);
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

function formatConfig(ports: PlanePorts, address: string): string {
  const client = `https://127.0.0.1:${ports.etcdClient}`;
  const peer = `https://127.0.0.1:${ports.etcdPeer}`;
  return `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: ${address}, bindPort: ${ports.apiServer} }
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
