import { basename } from "node:path";
import { parseComponentImage, selectFetchedVersion } from "../components/component-version.ts";
import { findFullDir, RAISE_PROCESSES, tellsOfNoProcess } from "../core/errors.ts";
import { MINOR_VERSIONS } from "../core/kubernetes-versions.ts";
import type { ContainerStatus } from "../pod/types.ts";
import { type ContainerSubject, findContainer } from "./container-subject.ts";
import type { ContainerFailure } from "./explain-container.ts";

/** Reasons to wait that no later moment mends. Source: kubelet images/types.go, kuberuntime_container.go. */
const LASTING_REASONS: readonly string[] = [
  "ErrImagePull",
  "ErrImageNeverPull",
  "InvalidImageName",
  "CreateContainerConfigError",
  "RunContainerError",
];

/** Why a container cannot be started; undefined when it only waits for its turn or its back-off. */
export function explainWaiting(
  subject: ContainerSubject,
  status: ContainerStatus,
): ContainerFailure | undefined {
  const { reason, message } = status.state.waiting ?? {};
  if (reason === undefined || reason === "CrashLoopBackOff") return undefined;
  const permanent = LASTING_REASONS.includes(reason);
  if (message === undefined && !permanent) return undefined;
  const shortageFix = describeShortageFix(message ?? "");
  return {
    summary: `it waits: ${reason}`,
    cause: message ?? reason,
    fix: shortageFix ?? describeFix(reason, subject),
    logLines: [],
    permanent,
    inManifest: shortageFix === undefined,
    restartCount: status.restartCount,
  };
}

/** What helps against a lack of the machine's that a message tells of. */
function describeShortageFix(message: string): string | undefined {
  const dir = findFullDir(message);
  if (dir !== undefined)
    return `free some space there (df -h ${dir}) or files (df -i ${dir}); it is tried again by itself`;
  return tellsOfNoProcess(message) ? `${RAISE_PROCESSES}, then: slipway runner restart` : undefined;
}

/** Nothing here pulls an image: only the programs of our own can be fetched. */
function describeFix(reason: string, subject: ContainerSubject): string {
  if (!reason.startsWith("ErrImage"))
    return "mend that in the manifest or on this machine; it is tried again by itself";
  const { image = "", command: [program] = [] } = findContainer(subject) ?? {};
  const component = parseComponentImage(image);
  if (component !== undefined && (program === undefined || basename(program) === component.name)) {
    const version = selectFetchedVersion(component);
    return version === undefined
      ? `name a version in the image that can be had here, for example ${exampleTag(component.name)}`
      : `it starts by itself when the program is there: slipway components fetch --kubernetes-version ${version}`;
  }
  return "give the container a command that this machine has, or run the pod where a kubelet has a container runtime (containerd, CRI-O)";
}

function exampleTag(name: string): string {
  const [newest] = MINOR_VERSIONS;
  return `${name === "etcd" ? newest?.etcdImageTag : newest?.newest}`;
}
