import { checkAdvertiseAddress, checkHostName, checkServiceSubnet } from "./check-addresses.ts";
import { checkEarlier } from "./check-earlier.ts";
import { checkExternalEtcdFiles, checkExternalEtcdVersion } from "./check-external-etcd.ts";
import { checkDataDir, checkFreeSpace, checkManifests, checkWritable } from "./check-files.ts";
import { checkCgroups, checkForwarding, checkOomScore, checkSwap } from "./check-kernel.ts";
import { checkFreeMemory, checkInotify, checkOpenFiles } from "./check-limits.ts";
import { checkClock, checkCpus, checkMemory, checkUser } from "./check-machine.ts";
import { checkOtherRunners } from "./check-other-runners.ts";
import { checkPorts } from "./check-ports.ts";
import { checkEncryption, checkEtcdAccount } from "./check-profile.ts";
import { checkProxy } from "./check-proxy.ts";
import type { InitCheck, InitCheckInput } from "./init-check.ts";
import type { Finding } from "./types.ts";

/**
 * Everything that speaks against starting a control plane here, errors and warnings, in a fixed order. Names are
 * kubeadm's where it has the check, so that `--ignore-preflight-errors` of old scripts goes on to work; a path in a
 * name is the one below the root. Source: kubeadm app/preflight/checks.go InitNodeChecks.
 *
 * Ours: `AdvertiseAddress`, `ServiceCIDR`, `Clock`, `FreeSpace`, `Writable`, `OtherRunner`, `Cgroups`, `OomScoreAdj`,
 * `FreeMemory`, `OpenFiles`, `Inotify`, `EtcdAccount`, `Encryption`, and those of `check-earlier.ts`.
 * Weaker than kubeadm's: `IsPrivilegedUser` counts only for the root `/`; `FileContent--proc-sys-net-…` is a warning.
 *
 * Checks of kubeadm that are not done, and why:
 *
 * | check | reason |
 * |---|---|
 * | CRI, ContainerRuntimeVersion, ImagePull | no container runtime and no images are needed |
 * | KubeletVersion, Service-kubelet | no kubelet is needed |
 * | SystemVerification | asks for what containers need of the kernel; the components run as plain processes |
 * | FileExisting-losetup, -mount, -cp, -conntrack | the kubelet and kube-proxy use them, the components do not |
 * | Firewalld | needs an init system to ask; a closed port shows itself to whoever joins |
 * | KubernetesVersion | a version that is not supported is refused with the configuration |
 */
export function checkInit(input: InitCheckInput): readonly Finding[] {
  return CHECKS.flatMap((check) => check(input));
}

const CHECKS: readonly InitCheck[] = [
  checkEarlier,
  checkUser,
  checkCpus,
  checkMemory,
  checkFreeMemory,
  checkClock,
  checkAdvertiseAddress,
  checkPorts,
  checkOtherRunners,
  checkManifests,
  checkDataDir,
  checkExternalEtcdFiles,
  checkExternalEtcdVersion,
  checkEtcdAccount,
  checkEncryption,
  checkWritable,
  checkFreeSpace,
  checkServiceSubnet,
  checkProxy,
  checkHostName,
  checkOpenFiles,
  checkInotify,
  checkSwap,
  checkForwarding,
  checkCgroups,
  checkOomScore,
];
