import { buildCoreDns } from "../../api/objects/coredns.ts";
import { buildKubeProxy } from "../../api/objects/kube-proxy.ts";
import { adminServer } from "../../kubeconfig/kubeconfig-list.ts";
import { adminRightsSteps, objectSteps } from "../api-steps.ts";
import { patchObjects } from "../patch-objects.ts";
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
                objects: patchObjects(buildCoreDns(input.config.cluster), {
                  kind: "Deployment",
                  target: "corednsdeployment",
                  patches: input.patches,
                }),
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
                objects: patchObjects(buildKubeProxy(input.config, { server: adminServer(input.config) }), {
                  kind: "DaemonSet",
                  target: "kubeproxydaemonset",
                  patches: input.patches,
                }),
              }),
            ],
    },
  ],
};
