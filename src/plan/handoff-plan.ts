import { join } from "node:path";
import { ownComponents } from "../config/own-components.ts";
import type { InitConfig } from "../config/types.ts";
import { type ControlPlaneComponent, HOST_RUNTIME_TAINT } from "../core/constants.ts";
import type { ClusterPaths } from "../core/paths.ts";
import type { HealthUrls } from "../manifests/component-ports.ts";
import { waitStepId } from "./manifest-step.ts";
import { kubeconfigPath } from "./phases/kubeconfig.ts";
import type { Plan, Step } from "./types.ts";

/** What a hand-over is planned from. */
export interface HandoffInput {
  /** Who is to run the pods. */
  readonly target: "kubelet" | "runner";
  readonly config: InitConfig;
  readonly paths: ClusterPaths;
  readonly healthUrls: HealthUrls;
  /** What starts or stops the kubelet. */
  readonly command: readonly string[];
  /** Who is to run the pods does so, or starts them: the hand-over has only to be waited for. */
  readonly isTaken: boolean;
}

/**
 * How a running control plane changes hands, one step after the other. Each may be repeated, so that a hand-over that
 * was killed goes on when it is begun again, in either direction:
 *
 *     runner → kubelet   stop pods and runner · note it · start the kubelet · wait
 *     kubelet → runner   keep copies of the manifests · take them from the kubelet one by one, etcd's last, each until
 *                        its process has ended · stop the kubelet · note it · put the manifests back · start the runner · wait
 */
export function buildHandoffPlan(input: HandoffInput): Plan {
  const all = input.target === "kubelet" ? planKubelet(input) : planRunner(input);
  const steps = all.filter(({ phase }) => phase === "wait" || !input.isTaken);
  const phases = PHASES.filter(({ name }) => steps.some(({ phase }) => phase === name));
  return {
    kubernetesVersion: input.config.cluster.kubernetesVersion,
    phases: phases.map(({ name, short }) => ({ name, short: short[input.target] })),
    steps: inOrder(steps),
    trees: [],
    sharedTrees: [],
  };
}

/** With the start of this step the API server goes. */
export const DOWN_STEP_IDS = { kubelet: "stop-runner", runner: "remove/kube-apiserver" } as const;

const PHASES = [
  {
    name: "stop",
    short: { kubelet: "Stop the pods and the runner", runner: "Let the kubelet stop its pods" },
  },
  { name: "start", short: { kubelet: "Start the kubelet", runner: "Stop the kubelet, start the runner" } },
  {
    name: "wait",
    short: {
      kubelet: "Wait for the control plane to answer",
      runner: "Wait for the control plane to answer",
    },
  },
] as const;

/** A kubelet ends at once; what stops it may have to ask others. */
const STOP_TIMEOUT_MS = 60_000;

/** A step whose needs follow from its place. */
type Piece = Step extends infer One ? (One extends Step ? Omit<One, "needs"> : never) : never;

function inOrder(pieces: readonly Piece[]): readonly Step[] {
  return pieces.map((piece, index) => ({
    ...piece,
    needs: pieces.slice(Math.max(0, index - 1), index).map(({ id }) => id),
  }));
}

function planKubelet(input: HandoffInput): readonly Piece[] {
  const { paths } = input;
  return [
    {
      kind: "stop-runner",
      id: DOWN_STEP_IDS.kubelet,
      phase: "stop",
      title: "stop the pods in order, etcd last, then the runner",
    },
    restoreStep(paths, "stop"),
    recordStep("external", "stop"),
    commandStep(input.command),
    ...waitSteps(input, "external"),
    {
      ...markStep(input),
      title: `let the scheduler use the node ${input.config.nodeName} by its own taints`,
      labels: { [HOST_RUNTIME_TAINT.key]: null },
      taints: [],
      withoutTaints: [HOST_RUNTIME_TAINT.key],
    },
  ];
}

function planRunner(input: HandoffInput): readonly Piece[] {
  const { config, paths } = input;
  const components = ownComponents(config.cluster);
  return [
    {
      kind: "keep-manifests",
      id: "keep-manifests",
      phase: "stop",
      title: `copy the manifests to ${paths.keptManifestDir}`,
      fromDir: paths.manifestDir,
      toDir: paths.keptManifestDir,
    },
    ...components.toReversed().map((component) => removeStep(paths, component)),
    commandStep(input.command),
    {
      kind: "wait-no-kubelet",
      id: "no-kubelet",
      phase: "start",
      title: `wait until no kubelet reads ${paths.manifestDir}`,
      manifestDir: paths.manifestDir,
      timeoutMs: STOP_TIMEOUT_MS,
    },
    recordStep("host", "start"),
    restoreStep(paths, "start"),
    { kind: "start-runner", id: "runner", phase: "start", title: `start the runner on ${paths.manifestDir}` },
    ...waitSteps(input, "host"),
    {
      kind: "wait-ready",
      id: "wait/ready",
      phase: "wait",
      title: "wait until the runner calls every component ready",
      components,
      timeoutMs: config.controlPlaneHealthTimeoutMs,
    },
    {
      ...markStep(input),
      title: `keep ordinary pods off the node ${config.nodeName}`,
      labels: { [HOST_RUNTIME_TAINT.key]: "true" },
      taints: [HOST_RUNTIME_TAINT],
    },
  ];
}

function removeStep(paths: ClusterPaths, component: ControlPlaneComponent): Piece {
  const fileName = `${component}.yaml`;
  return {
    kind: "remove-manifest",
    id: `remove/${component}`,
    phase: "stop",
    title: `take ${fileName} from the kubelet and wait until ${component} has ended`,
    path: join(paths.manifestDir, fileName),
    copyPath: join(paths.keptManifestDir, fileName),
  };
}

function restoreStep(paths: ClusterPaths, phase: string): Piece {
  return {
    kind: "restore-manifests",
    id: "restore-manifests",
    phase,
    title: `have all manifests in ${paths.manifestDir}`,
    fromDir: paths.keptManifestDir,
    toDir: paths.manifestDir,
  };
}

function recordStep(runtime: "host" | "external", phase: string): Piece {
  const who = runtime === "host" ? "the runner" : "a kubelet";
  return { kind: "record-runtime", id: "record", phase, title: `note that ${who} runs the pods`, runtime };
}

function commandStep(command: readonly string[]): Piece {
  return { kind: "run-command", id: "kubelet", phase: "start", title: `run ${command.join(" ")}`, command };
}

function waitSteps(
  { config, paths, healthUrls }: HandoffInput,
  runtime: "host" | "external",
): readonly Piece[] {
  return ownComponents(config.cluster).map((component) => ({
    kind: "wait-component",
    id: waitStepId(component),
    phase: "wait",
    title: `wait for ${component} at ${healthUrls[component]}`,
    component,
    podUid: undefined,
    url: healthUrls[component],
    kubeconfigPath: component === "kube-apiserver" ? kubeconfigPath(paths, "admin") : undefined,
    loads: [],
    runtime,
    timeoutMs: config.controlPlaneHealthTimeoutMs,
  }));
}

function markStep({ config, paths }: HandoffInput) {
  return {
    kind: "mark-node" as const,
    id: "mark-node",
    phase: "wait",
    nodeName: config.nodeName,
    kubeconfigPath: kubeconfigPath(paths, "admin"),
    timeoutMs: config.apiCallTimeoutMs,
  };
}
