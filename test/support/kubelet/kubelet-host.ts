import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildWithGo } from "../../../src/components/sources/go.ts";
import { CONTROL_PLANE_COMPONENTS } from "../../../src/core/constants.ts";
import { findKubeadm, KUBEADM_VERSION, openQuietSystem } from "../kubeadm/find-kubeadm.ts";
import type { NetworkHost } from "../network-hosts.ts";
import { findComponent } from "../plane.ts";
import { createNodeHost, KUBELET_SERVICE, type NodeHost } from "./node-host.ts";
import { type ImageSpec, packImage } from "./pack-image.ts";
import { findRuntimePrograms, type RuntimePrograms } from "./runtime-programs.ts";

/** An image with a shell, sleep and echo, for pods. */
export const BUSYBOX_IMAGE = "slipway.test/busybox:1";

/** What kubeadm 1.37 pairs with KUBEADM_VERSION. Source: kubeadm app/constants PauseVersion, SupportedEtcdVersion. */
const PAUSE_IMAGE = "registry.k8s.io/pause:3.10.2";
const ETCD_IMAGE = "registry.k8s.io/etcd:3.7.0-0";

/** A machine on which containerd runs, kubelet, kubeadm and kubectl are installed, and no kubelet runs yet. */
export interface KubeletHost extends NodeHost {
  /** The kubelet's supervisor, as systemd would be. */
  startKubelet(): Promise<void>;
}

/** The path of a real kubelet: from the component cache, else built. */
export async function findKubelet(): Promise<string> {
  const [built] = await buildWithGo(openQuietSystem(), {
    kubernetesVersion: KUBEADM_VERSION,
    names: ["kubelet"],
    onProgress: () => undefined,
    onNote: () => undefined,
  });
  if (built === undefined) throw new Error("kubelet was not built");
  return built.path;
}

/** Archives of all images that hosts need, made from the cached programs; `remove` takes them away. */
export async function packImages(): Promise<{
  readonly node: readonly string[];
  readonly controlPlane: readonly string[];
  remove(): Promise<void>;
}> {
  const dir = await mkdtemp(join(tmpdir(), "slipway-images-"));
  const { busyboxPath } = await findRuntimePrograms();
  const pack = async (image: ImageSpec): Promise<string> => {
    const path = join(dir, image.name.replaceAll(/[/:]/g, "_"));
    await packImage(image, path);
    return path;
  };
  const commands = ["busybox", "sh", "sleep", "echo"].map((name) => [`bin/${name}`, busyboxPath]);
  const programs = Object.fromEntries(commands);
  const node = [
    // A pod's sandbox only has to go on until it is killed.
    await pack({ name: PAUSE_IMAGE, programs, entrypoint: ["sleep", "999999"] }),
    await pack({ name: BUSYBOX_IMAGE, programs }),
  ];
  const controlPlane: string[] = [];
  for (const component of CONTROL_PLANE_COMPONENTS) {
    const name = component === "etcd" ? ETCD_IMAGE : `registry.k8s.io/${component}:${KUBEADM_VERSION}`;
    const program = await findComponent(component);
    controlPlane.push(await pack({ name, programs: { [`usr/local/bin/${component}`]: program } }));
  }
  return { node, controlPlane, remove: () => rm(dir, { recursive: true }) };
}

/** A machine with this name and these images. Needs root. */
export async function createKubeletHost(options: {
  readonly network: NetworkHost;
  readonly name: string;
  readonly images: readonly string[];
}): Promise<KubeletHost> {
  const programs = await findRuntimePrograms();
  const host = await createNodeHost(options.network, options.name);
  try {
    const tools = [await findKubelet(), await findKubeadm(), await findComponent("kubectl")];
    await host.run("ln", "-sf", "-t", "/usr/local/bin", ...tools);
    await startContainerd(host, programs);
    for (const path of options.images) await host.run("ctr", "-n", "k8s.io", "images", "import", path);
  } catch (error) {
    await host.destroy();
    throw error;
  }
  return {
    ...host,
    startKubelet: async () => {
      await host.run(KUBELET_SERVICE, "start");
    },
  };
}

async function startContainerd(host: NodeHost, programs: RuntimePrograms): Promise<void> {
  const install = 'for dir; do ln -sf -t /usr/local/bin "$dir"/*; done';
  await host.run("sh", "-c", install, "sh", ...programs.binDirs);
  await writeTo(host, "/etc/containerd/config.toml", formatContainerdConfig(programs.cniDir));
  await writeTo(host, "/etc/cni/net.d/10-pods.conflist", POD_NETWORK);
  await host.start("/var/log/containerd.log", "containerd");
  await host.run("sh", "-c", "until ctr version; do sleep 0.1; done");
}

async function writeTo(host: NodeHost, path: string, text: string): Promise<void> {
  await host.run("mkdir", "-p", dirname(path));
  await host.run("sh", "-c", 'printf %s "$2" >"$1"', "sh", path, text);
}

/** Without CAP_SYS_RESOURCE a negative oom_score_adj would be refused. */
function formatContainerdConfig(cniDir: string): string {
  return `version = 2
[plugins."io.containerd.grpc.v1.cri"]
restrict_oom_score_adj = true
sandbox_image = "${PAUSE_IMAGE}"
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "${cniDir}"
`;
}

const POD_NETWORK = JSON.stringify({
  cniVersion: "0.4.0",
  name: "pods",
  plugins: [
    {
      type: "ptp",
      ipam: {
        type: "host-local",
        ranges: [[{ subnet: "10.244.7.0/24" }]],
        routes: [{ dst: "0.0.0.0/0" }],
      },
    },
  ],
});
