import minor from "semver/functions/minor.js";
import type { HandoffFacts } from "../facts/read-handoff-facts.ts";
import { errorFinding, warningFinding } from "./init-check.ts";
import type { Finding } from "./types.ts";

/** Who is to run a control plane's pods. */
export type HandoffTarget = "kubelet" | "runner";

/** What the checks of a hand-over judge. */
export interface HandoffCheckInput {
  readonly target: HandoffTarget;
  readonly facts: HandoffFacts;
  readonly kubernetesVersion: string;
  readonly manifestDir: string;
  /** What starts or stops the kubelet; undefined: nobody said, and systemd does not run here. */
  readonly command: readonly string[] | undefined;
  /** Pods of the node that are not its static pods, by `namespace/name`. */
  readonly otherPods: readonly { readonly name: string; readonly ofDaemonSet: boolean }[];
}

/** How many minors a kubelet may be older than its API server. Source: Kubernetes version skew policy. */
const MAX_MINORS_BEHIND = 3;

/** What stands in the way of handing a control plane over. None: all is well. */
export function checkHandoff(input: HandoffCheckInput): readonly Finding[] {
  const common = checkCommand(input);
  return input.target === "runner"
    ? [...common, ...checkKubeletRuns(input), ...checkOtherPods(input)]
    : [
        ...common,
        ...checkWatchers(input),
        ...checkProgram(input),
        ...checkConfig(input),
        ...checkKernel(input),
        ...checkRuntime(input),
      ];
}

function checkCommand({ command, target }: HandoffCheckInput): readonly Finding[] {
  if (command !== undefined) return [];
  const verb = target === "kubelet" ? "start" : "stop";
  return [
    errorFinding("Service-kubelet", {
      what: `it is not known how to ${verb} the kubelet of this machine`,
      why: "systemd does not run its services, or has no kubelet.service",
      fix: `name the command: slipway handoff ${target} -- rc-service kubelet ${verb}`,
    }),
  ];
}

/** A kubelet that runs already would start every pod beside the runner's. */
function checkWatchers({ facts, manifestDir }: HandoffCheckInput): readonly Finding[] {
  return kubelets(facts).map(({ pid }) =>
    errorFinding("OtherRunner", {
      what: `a kubelet (pid ${pid}) reads ${manifestDir} already`,
      why: "it and the runner would run every pod twice",
      fix: "stop it (systemctl stop kubelet); the hand-over starts it when the runner has ended",
    }),
  );
}

function checkProgram({ facts, kubernetesVersion }: HandoffCheckInput): readonly Finding[] {
  const { programPath, version } = facts.kubelet;
  if (programPath === undefined)
    return [
      errorFinding("FileExisting-kubelet", {
        what: "there is no kubelet on this machine",
        why: "kubelet.service names none, and none is on PATH",
        fix: `install the kubelet of ${kubernetesVersion}`,
      }),
    ];
  const behind = version === undefined ? Number.NaN : minor(kubernetesVersion) - minor(version);
  if (behind >= 0 && behind <= MAX_MINORS_BEHIND) return [];
  return [
    errorFinding("KubeletVersion", {
      what: `${programPath} is ${version ?? "of an unknown version"}`,
      why: `a kubelet may be ${MAX_MINORS_BEHIND} minors older than its API server (${kubernetesVersion}), never newer`,
      fix: `install the kubelet of ${kubernetesVersion}`,
    }),
  ];
}

function checkConfig({ facts, manifestDir }: HandoffCheckInput): readonly Finding[] {
  const { config, configPath } = facts.kubelet;
  if (config === undefined)
    return [
      errorFinding("FileExisting-config.yaml", {
        what: `the kubelet is not configured: ${configPath} does not exist`,
        why: "init's phase kubelet-start writes it, and was left out",
        fix: "slipway init phase kubelet-start",
      }),
    ];
  if (config["staticPodPath"] === manifestDir) return [];
  return [
    errorFinding("StaticPodPath", {
      what: `the kubelet would read static pods in ${config["staticPodPath"] ?? "no directory"}`,
      why: `${configPath} says so, and the control plane's manifests lie in ${manifestDir}`,
      fix: `set staticPodPath: ${manifestDir} in ${configPath}`,
    }),
  ];
}

/** Source: kubelet cm/container_manager_linux.go, failCgroupV1 and failSwapOn: it ends at once. */
function checkKernel({ facts }: HandoffCheckInput): readonly Finding[] {
  const { config, configPath } = facts.kubelet;
  if (config === undefined) return [];
  const findings: Finding[] = [];
  if (facts.cgroup !== "v2" && config["failCgroupV1"] !== false)
    findings.push(
      errorFinding("Cgroups", {
        what: "the kubelet would not start on this machine",
        why: `its cgroups are of version 1, which ${configPath} does not allow`,
        fix: `set failCgroupV1: false in ${configPath}, or boot with cgroups of version 2`,
      }),
    );
  if (facts.swapOn && config["failSwapOn"] !== false)
    findings.push(
      errorFinding("Swap", {
        what: "the kubelet would not start on this machine",
        why: `it swaps, which ${configPath} does not allow`,
        fix: `set failSwapOn: false in ${configPath}, or: swapoff -a`,
      }),
    );
  return findings;
}

function checkRuntime({ facts }: HandoffCheckInput): readonly Finding[] {
  const { containerRuntime, kubelet } = facts;
  if (kubelet.config === undefined) return [];
  if (containerRuntime?.kind === "answers")
    return containerRuntime.missingImages.map((image) =>
      errorFinding("ImagePull", {
        what: `the image ${image} is not on this machine`,
        why: `${containerRuntime.endpoint} has not got it, and pulling it would lengthen the time without a control plane`,
        fix: `crictl pull ${image}`,
      }),
    );
  return [
    errorFinding("CRI", {
      what: `no container runtime answers at ${containerRuntime?.endpoint ?? "any endpoint"}`,
      why: containerRuntime?.why ?? `${kubelet.configPath} has no containerRuntimeEndpoint`,
      fix: "start it (systemctl start containerd), or mend containerRuntimeEndpoint in that file",
    }),
  ];
}

/** Only a kubelet can stop its containers gracefully. */
function checkKubeletRuns({ facts }: HandoffCheckInput): readonly Finding[] {
  const { length } = facts.componentPids;
  if (length === 0 || kubelets(facts).length > 0) return [];
  return [
    errorFinding("Service-kubelet", {
      what: `${length} ${length === 1 ? "process" : "processes"} of the control plane run, but no kubelet does`,
      why: "only the kubelet can stop its containers in order",
      fix: "start it first (systemctl start kubelet)",
    }),
  ];
}

function checkOtherPods({ otherPods }: HandoffCheckInput): readonly Finding[] {
  const list = (ofDaemonSet: boolean): string =>
    otherPods
      .filter((pod) => pod.ofDaemonSet === ofDaemonSet)
      .map(({ name }) => name)
      .join(", ");
  const [others, daemons] = [list(false), list(true)];
  return [
    ...(others === ""
      ? []
      : [
          errorFinding("NodePods", {
            what: `other pods run on this node: ${others}`,
            why: "without its kubelet nobody looks after them, and the runner runs only static pods",
            fix: "kubectl drain NODE --ignore-daemonsets",
          }),
        ]),
    ...(daemons === ""
      ? []
      : [
          warningFinding("NodePods", {
            what: `pods of DaemonSets run on this node: ${daemons}`,
            why: "their containers go on in the container runtime with nobody to look after them",
            fix: "when the hand-over is done: crictl rmp --all --force",
          }),
        ]),
  ];
}

function kubelets({ watchers }: HandoffFacts): HandoffFacts["watchers"] {
  return watchers.filter(({ command }) => command === "kubelet");
}
