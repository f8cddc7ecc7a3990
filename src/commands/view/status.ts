import { join } from "node:path";
import { findLostData, type LostData } from "../../api/find-lost-data.ts";
import { isReady } from "../../apply/container-subject.ts";
import { findRunners } from "../../apply/find-runners.ts";
import { type Ledger, readLedger } from "../../apply/ledger.ts";
import { findComponent } from "../../control/find-component.ts";
import type { PodReport, RunnerInfo } from "../../control/protocol.ts";
import { CONTROL_PLANE_COMPONENTS, type ControlPlaneComponent } from "../../core/constants.ts";
import { type Problem, SlipwayError, toProblem, whenOurs } from "../../core/errors.ts";
import { buildPaths, type ClusterPaths } from "../../core/paths.ts";
import { findKubelet } from "../../facts/find-kubelet.ts";
import { findOtherRunners } from "../../facts/find-other-runners.ts";
import { listOtherRoots } from "../../facts/find-slipway-root.ts";
import { readEtcdSyncs } from "../../facts/read-etcd-syncs.ts";
import { findArg } from "../../manifests/flags.ts";
import { describeOtherRunner } from "../../preflight/check-other-runners.ts";
import { describeSlowDisk } from "../../preflight/describe-slow-disk.ts";
import type { FindingText } from "../../preflight/init-check.ts";
import type { CutOff } from "../../preflight/plane-facts.ts";
import type { System } from "../../system/system.ts";
import { withCluster } from "../open-cluster.ts";
import { readManifestFlags } from "../read-manifest-flags.ts";
import { hasPlane } from "../runner/read-runner-config.ts";
import { type CertificateAge, readCertificateAges } from "./certificate-ages.ts";
import { type ComponentState, describeComponent } from "./describe-component.ts";
import { findCutOff } from "./find-cut-off.ts";
import { findMissingFiles } from "./find-missing-files.ts";
import { observeKubeletsComponents } from "./observe-kubelets-components.ts";
import { type PsAnswer, runPs } from "./ps.ts";
import { readPods } from "./read-pods.ts";

/** What `slipway status` prints. */
export interface StatusAnswer {
  readonly apiVersion: "slipway.dev/v1";
  readonly kind: "Status";
  readonly root: string;
  readonly healthy: boolean;
  readonly installed: boolean;
  /** An init or a reset that was killed before its end. */
  readonly cutOff: CutOff | undefined;
  /** Of a runner without a control plane, which has these in place of components. */
  readonly pods: PsAnswer | undefined;
  /** Where else a runner runs, for who may have meant another one: looked for where nothing is installed. */
  readonly otherRoots: readonly string[];
  readonly kubernetesVersion: string | undefined;
  readonly nodeName: string | undefined;
  /** Who runs the pods: the runner, or a kubelet of this machine. */
  readonly runtime: "host" | "external";
  /** Of a kubelet that reads the manifests, where one is to. */
  readonly kubeletPid: number | undefined;
  readonly runner: RunnerInfo | undefined;
  readonly runnerProblem: Problem | undefined;
  /** Who else runs the pods that this root's runner runs, and what to do. */
  readonly otherRunners: readonly FindingText[];
  /** Why the certificates are unknown. */
  readonly ledgerProblem: Problem | undefined;
  readonly components: readonly ComponentState[];
  /** The runner's other pods that are not ready, by name; they do not count for `healthy`. */
  readonly unreadyPods: readonly string[];
  /** What etcd has lost of this control plane, as far as the API server can tell. */
  readonly lostData: LostData | undefined;
  /** Of etcd's disk, when it is too slow; it does not count for `healthy`. */
  readonly slowDisk: FindingText | undefined;
  readonly certificates: readonly CertificateAge[];
  /** Files that init made and that are not there; certificates among them. */
  readonly missingFiles: readonly string[];
}

/**
 * Looks at the runner, the four components and the certificates; a ready API server is asked whether etcd still holds its
 * data.
 */
export async function runStatus(system: System, options: { readonly root: string }): Promise<StatusAnswer> {
  const paths = buildPaths({ root: options.root, uid: system.host.uid });
  const [{ ledger, ledgerProblem }, { info, pods, problem }] = await Promise.all([
    readLedgerOrProblem(system, paths),
    readPods(system, options),
  ]);
  const isLone = await isStandalone(system, paths);
  const lonePods = isLone ? await runPs(system, options).catch(whenOurs) : undefined;
  const names = CONTROL_PLANE_COMPONENTS.filter((name) => !isLone && isPlanned(ledger, { paths, name }));
  const runtime = ledger?.runtime ?? "host";
  const seen = { pods, paths, ledger, answers: info !== undefined, manifestPath: info?.manifestPath };
  const components =
    runtime === "external"
      ? await observeKubeletsComponents(system, { paths, ledger, names })
      : await Promise.all(names.map((name) => describeComponent(system, { ...seen, name })));
  const otherRunners = isLone || runtime === "external" ? [] : await findOthers(system, paths);
  const kubeletPid = runtime === "external" ? await findKubelet(system, paths) : undefined;
  const installed = await hasPlane(system, paths);
  const cutOff = await findCutOff(system, { paths, ledger, answers: info !== undefined });
  const lostData = await readLostData(system, {
    paths,
    components,
    complete: runtime === "host" && cutOff === undefined,
    clusterUid: ledger?.clusterUid,
  });
  const files = await readFiles(system, { ledger, paths });
  const answer = {
    apiVersion: "slipway.dev/v1",
    kind: "Status",
    root: paths.root,
    installed,
    cutOff,
    pods: lonePods,
    otherRoots: installed ? [] : await listOtherRoots(system, options),
    kubernetesVersion: ledger?.kubernetesVersion,
    nodeName: ledger?.nodeName ?? info?.nodeName,
    runtime,
    kubeletPid,
    runner: info,
    runnerProblem: problem && toProblem(problem),
    otherRunners,
    ledgerProblem: isLone ? undefined : ledgerProblem,
    components,
    unreadyPods: isLone ? [] : listUnready(pods, names),
    lostData,
    slowDisk: await findSlowDisk(system, { paths, components }),
    ...files,
  } as const;
  return { ...answer, healthy: isHealthy(answer) };
}

function isHealthy(status: Omit<StatusAnswer, "healthy">): boolean {
  const { runtime, kubeletPid, runner, pods, ledgerProblem } = status;
  return (
    (runtime === "external" ? kubeletPid !== undefined : runner?.refused.length === 0) &&
    status.otherRunners.length === 0 &&
    status.cutOff === undefined &&
    ledgerProblem === undefined &&
    (pods?.failures ?? []).length === 0 &&
    status.components.every(({ ready }) => ready) &&
    status.lostData === undefined &&
    status.missingFiles.length === 0 &&
    status.certificates.every(({ daysLeft, notYetValid }) => daysLeft >= 0 && !notYetValid)
  );
}

async function findOthers(system: System, paths: ClusterPaths): Promise<readonly FindingText[]> {
  const found = await findOtherRunners(system, paths);
  // After that: one that has just been started is among them.
  const own = await findRunners(system, paths.root);
  return found
    .filter(({ pid }) => !own.includes(pid))
    .map((other) => describeOtherRunner(other, { ...paths, instead: "slipway handoff kubelet" }));
}

/** One that has ended well is not expected to be ready. */
function listUnready(
  pods: readonly PodReport[],
  components: readonly ControlPlaneComponent[],
): readonly string[] {
  const own = components.map((name) => findComponent(pods, name));
  return pods
    .filter((report) => !own.includes(report) && report.pod.status?.phase !== "Succeeded")
    .filter((report) => !isReady(report))
    .map(({ pod }) => pod.metadata.name);
}

async function readFiles(
  system: System,
  { ledger, paths }: { readonly ledger: Ledger | undefined; readonly paths: ClusterPaths },
): Promise<Pick<StatusAnswer, "certificates" | "missingFiles">> {
  return {
    certificates: ledger === undefined ? [] : await readCertificateAges(system, ledger.entries),
    missingFiles: await findMissingFiles(system, { ledger, paths }),
  };
}

/** Only the flags of a runner are known, and init has not been at work. */
async function isStandalone(system: System, paths: ClusterPaths): Promise<boolean> {
  const [flags, ledger, config] = await Promise.all(
    [paths.runnerFlagsPath, paths.ledgerPath, paths.runnerConfigPath].map((path) => system.fs.stat(path)),
  );
  return flags !== undefined && ledger === undefined && config === undefined;
}

/** That what init made is missing is told where init has made it. */
async function readLostData(
  system: System,
  options: {
    readonly paths: ClusterPaths;
    readonly components: readonly ComponentState[];
    /** Init has come to its end, and left nothing to phases that run later. */
    readonly complete: boolean;
    readonly clusterUid: string | undefined;
  },
): Promise<LostData | undefined> {
  const { paths, components, complete, clusterUid } = options;
  const isReady = (wanted: ControlPlaneComponent): boolean | undefined =>
    components.find(({ name }) => name === wanted)?.ready;
  // An etcd that is not well answers nothing, and keeps an API server from answering that has not noticed yet.
  if (isReady("kube-apiserver") !== true || isReady("etcd") === false) return undefined;
  try {
    return await withCluster(system, {
      root: paths.root,
      kubeconfigPath: join(paths.kubernetesDir, "admin.conf"),
      work: ({ client }) => findLostData(client, { admin: complete, clusterUid }),
    });
  } catch (error) {
    return whenOurs(error);
  }
}

/** One that is not ready might keep whoever asks it waiting. */
async function findSlowDisk(
  system: System,
  options: { readonly paths: ClusterPaths; readonly components: readonly ComponentState[] },
): Promise<FindingText | undefined> {
  if (!options.components.some(({ name, ready }) => name === "etcd" && ready)) return undefined;
  const { etcd } = await readManifestFlags(system, options.paths);
  const [url = ""] = (findArg(etcd, "listen-metrics-urls") ?? "").split(",");
  if (!URL.canParse(url)) return undefined;
  return describeSlowDisk(await readEtcdSyncs(system, new URL(url)));
}

/** Without its ledger a plane can still be looked at, but it is not all well. */
async function readLedgerOrProblem(
  system: System,
  paths: ClusterPaths,
): Promise<{ readonly ledger?: Ledger; readonly ledgerProblem?: Problem }> {
  try {
    const ledger = await readLedger(system, paths);
    if (ledger !== undefined) return { ledger };
    if (!(await hasPlane(system, paths))) return {};
    const why = `${paths.ledgerPath} does not exist`;
    return { ledgerProblem: { why, fix: "put it back from a backup, for slipway reset needs it" } };
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== "SLIPWAY_LEDGER_CORRUPT") throw error;
    return { ledgerProblem: { why: error.what, fix: error.fix } };
  }
}

/** Whether init has written the component's manifest; without a ledger it may have. */
function isPlanned(
  ledger: Ledger | undefined,
  options: { readonly paths: ClusterPaths; readonly name: ControlPlaneComponent },
): boolean {
  const path = join(options.paths.manifestDir, `${options.name}.yaml`);
  return ledger === undefined || ledger.entries.some((entry) => entry.path === path);
}
