import { nameKubeletCertificate } from "../../kubeconfig/name-kubelet-certificate.ts";
import { ABSENT, DONE, type StepHandler } from "../step-handler.ts";

/** A kubelet's kubeconfig that names the certificate which the kubelet renews itself, once there is one. */
export const rotateKubeletCertHandler: StepHandler<"rotate-kubelet-cert"> = {
  observe: async (system, { step }) => {
    const { path, certPath } = step;
    const text = await system.fs.readTextIfExists(path);
    if (text === undefined || (await system.fs.stat(certPath)) === undefined) return DONE;
    return nameKubeletCertificate({ text, path, certPath }) === text ? DONE : ABSENT;
  },
  apply: async (system, { step }) => {
    const { path, certPath } = step;
    const text = await system.fs.readText(path);
    const data = nameKubeletCertificate({ text, path, certPath });
    await system.fs.writeAtomic(path, { data, mode: 0o600 });
    return undefined;
  },
};
