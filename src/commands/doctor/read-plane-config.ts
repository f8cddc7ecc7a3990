import { join } from "node:path";
import type { Ledger } from "../../apply/ledger.ts";
import { parseInitConfig } from "../../config/parse-init-config.ts";
import type { Arg, InitConfig } from "../../config/types.ts";
import { PORTS } from "../../core/constants.ts";
import { whenOurs } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { createFactReader } from "../../facts/fact-reader.ts";
import { findExternalAuthorities } from "../../facts/find-external-authorities.ts";
import type { MachineFacts } from "../../facts/types.ts";
import { findArg } from "../../manifests/flags.ts";
import type { System } from "../../system/system.ts";
import { readManifestFlags } from "../read-manifest-flags.ts";
import { readRunnerConfig } from "../runner/read-runner-config.ts";

/**
 * The configuration that a control plane was made with, as far as its checks ask for it: read back from its manifests and
 * the runner's configuration, so that it can be had with the API server down. What cannot be read is the default.
 */
export async function readPlaneConfig(
  system: System,
  options: {
    readonly paths: ClusterPaths;
    readonly ledger: Ledger | undefined;
    readonly machine: MachineFacts;
  },
): Promise<InitConfig> {
  const { paths, ledger, machine } = options;
  const { config } = parseInitConfig({ text: undefined });
  const { cluster } = config;
  const runner = await readRunnerConfig(system, paths).catch(whenOurs);
  const args = await readManifestFlags(system, paths);
  const apiServer = args["kube-apiserver"];
  const manager = args["kube-controller-manager"];
  const caFile = findArg(apiServer, "client-ca-file");
  const certificatesDir = caFile === undefined ? paths.pkiDir : join(caFile, "..");
  const hasEtcd = ledger?.entries.some(({ path }) => path === join(paths.manifestDir, "etcd.yaml")) ?? true;
  return {
    ...config,
    root: paths.root,
    advertiseAddress: findArg(apiServer, "advertise-address") ?? runner?.runner.nodeIP ?? "127.0.0.1",
    bindPort: Number(findArg(apiServer, "secure-port") ?? PORTS.apiServer),
    nodeName: ledger?.nodeName ?? runner?.runner.nodeName ?? machine.hostName,
    taints: [],
    externalAuthorities: await findExternalAuthorities(system, {
      certificatesDir,
      reader: createFactReader(),
    }),
    etcdAccount: undefined,
    kubelet: {
      port: runner?.kubelet.port ?? config.kubelet.port,
      healthzPort: runner?.kubelet.healthzPort ?? config.kubelet.healthzPort,
      document: undefined,
    },
    cluster: {
      ...cluster,
      kubernetesVersion: ledger?.kubernetesVersion ?? cluster.kubernetesVersion,
      certificatesDir,
      serviceSubnet: findArg(apiServer, "service-cluster-ip-range") ?? cluster.serviceSubnet,
      podSubnet: findArg(manager, "cluster-cidr") ?? "",
      externalEtcd: hasEtcd ? undefined : describeExternal(apiServer),
      apiServer: { ...cluster.apiServer, extraArgs: apiServer },
      controllerManager: { ...cluster.controllerManager, extraArgs: manager },
      scheduler: { ...cluster.scheduler, extraArgs: args["kube-scheduler"] },
      etcd: {
        ...cluster.etcd,
        dataDir: findArg(args.etcd, "data-dir") ?? paths.etcdDataDir,
        extraArgs: args.etcd,
      },
    },
  };
}

function describeExternal(args: readonly Arg[]): InitConfig["cluster"]["externalEtcd"] {
  const endpoints = (findArg(args, "etcd-servers") ?? "").split(",");
  const file = (name: string): string => findArg(args, name) ?? "";
  return {
    endpoints,
    httpEndpoints: [],
    caFile: file("etcd-cafile"),
    certFile: file("etcd-certfile"),
    keyFile: file("etcd-keyfile"),
  };
}
