import type { InitConfig } from "../../config/types.ts";
import { underRoot } from "../../core/paths.ts";
import { componentEndpoints } from "../component-ports.ts";
import { mergeFlags } from "../flags.ts";
import { selectImage } from "../images.ts";
import {
  buildProbe,
  buildVolumes,
  type ComponentView,
  mergeEnv,
  mountInPlace,
  type ViewOptions,
} from "./component-view.ts";

/** What kube-scheduler's template fills in. Source: kubeadm phases/controlplane/manifests.go getSchedulerCommand. */
export function buildSchedulerView(config: InitConfig, options: ViewOptions): ComponentView {
  const { scheduler } = config.cluster;
  const kubeconfig = underRoot(config.root, "/etc/kubernetes/scheduler.conf");
  const flags = {
    "authentication-kubeconfig": kubeconfig,
    "authorization-kubeconfig": kubeconfig,
    "bind-address": "127.0.0.1",
    kubeconfig,
    "leader-elect": "true",
  };
  return {
    flags: mergeFlags(flags, scheduler.extraArgs),
    env: mergeEnv([...options.proxyEnv, ...scheduler.extraEnvs]),
    image: selectImage(config.cluster, "kube-scheduler"),
    probe: buildProbe(config, componentEndpoints(config)["kube-scheduler"]),
    ...buildVolumes([
      mountInPlace({ name: "kubeconfig", path: kubeconfig, pathType: "FileOrCreate", readOnly: true }),
      ...scheduler.extraVolumes,
    ]),
  };
}
