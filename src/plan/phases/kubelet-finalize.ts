import { join } from "node:path";
import type { Phase } from "../phase.ts";
import { kubeconfigPath, kubeconfigStepId } from "./kubeconfig.ts";

/** What a kubelet's own certificate changes, once it has one. Source: kubeadm cmd/phases/init/kubeletfinalize.go. */
export const kubeletFinalizePhase: Phase = {
  name: "kubelet-finalize",
  short: "Kubeconfig of a kubelet that renews its certificate",
  afterStart: true,
  phases: [
    {
      name: "enable-client-cert-rotation",
      short: "kubelet.conf names the kubelet's own certificate, when it has one",
      plan: ({ paths, runtime }) => {
        // The runner's certificate stays in the file: nothing of ours replaces it by another.
        if (runtime === "host") return [];
        return [
          {
            kind: "rotate-kubelet-cert",
            id: "kubelet-finalize",
            phase: "kubelet-finalize",
            title: "let kubelet.conf name the kubelet's own certificate",
            needs: [kubeconfigStepId("kubelet")],
            path: kubeconfigPath(paths, "kubelet"),
            certPath: join(paths.kubeletDir, "pki/kubelet-client-current.pem"),
          },
        ];
      },
    },
  ],
};
