import { buildCoreDns } from "../../api/objects/coredns.ts";
import { buildKubeProxy } from "../../api/objects/kube-proxy.ts";
import { adminServer } from "../../kubeconfig/kubeconfig-list.ts";
import { adminRightsSteps, objectSteps } from "../api-steps.ts";
import type { Phase } from "../phase.ts";

const NAME = "addon";

/** DNS and the service proxy of the cluster. Source: kubeadm phases/addons. */
export const addonPhase: Phase = {
  name: NAME,
  short: "CoreDNS and kube-proxy",
  afterStart: true,
  phases: [
    {
      name: "coredns",
      short: "The CoreDNS add-on",
      plan: (input) =>
        input.config.cluster.dns.disabled
          ? []
          : [
              ...adminRightsSteps(input, NAME),
              ...objectSteps(input, {
                phase: NAME,
                objects: buildCoreDns(input.config.cluster),
                keep: { ConfigMap: ["data", "Corefile"], Deployment: ["spec", "replicas"] },
              }),
            ],
    },
    {
      name: "kube-proxy",
      short: "The kube-proxy add-on",
      plan: (input) =>
        input.config.cluster.proxy.disabled
          ? []
          : [
              ...adminRightsSteps(input, NAME),
              ...objectSteps(input, {
                phase: NAME,
                objects: buildKubeProxy(input.config, { server: adminServer(input.config) }),
              }),
            ],
    },
  ],
};
