import { join } from "node:path";
import { blameEdit } from "../../apply/blame-edit.ts";
import { findStatus } from "../../apply/container-subject.ts";
import type { ContainerFailure } from "../../apply/explain-container.ts";
import { explainUnready } from "../../apply/explain-unready.ts";
import { findOutdatedFile } from "../../apply/find-outdated-file.ts";
import type { Ledger } from "../../apply/ledger.ts";
import { findComponent } from "../../control/find-component.ts";
import type { PodReport } from "../../control/protocol.ts";
import type { ControlPlaneComponent } from "../../core/constants.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { selectLoaded } from "../../plan/loaded-files.ts";
import type { ContainerStatus } from "../../pod/types.ts";
import type { ComponentFact } from "../../preflight/plane-facts.ts";
import type { System } from "../../system/system.ts";
import { explainUsurped } from "./explain-usurped.ts";

/** How one component does. */
export interface ComponentState extends ComponentFact {
  readonly name: ControlPlaneComponent;
  readonly restarts: number;
  readonly startedAt: string | undefined;
  readonly pid: number | undefined;
}

/** What the runner, or the records that it left, show of a component of the control plane. */
export async function describeComponent(
  system: System,
  options: {
    readonly name: ControlPlaneComponent;
    readonly pods: readonly PodReport[];
    readonly paths: ClusterPaths;
    readonly ledger: Ledger | undefined;
    /** Whether a runner said so. */
    readonly answers: boolean;
    /** Where that runner reads manifests. */
    readonly manifestPath: string | undefined;
  },
): Promise<ComponentState> {
  const { name, pods, paths, answers } = options;
  const report = findComponent(pods, name);
  const status = report && findStatus({ report, container: name });
  const isCalledReady = status?.ready === true;
  const usurped =
    report !== undefined && isCalledReady
      ? await explainUsurped(system, { report, name, root: paths.root })
      : undefined;
  const failure = report && (await explainUnready(system, { report, container: name, reports: pods }));
  const ready = isCalledReady && usurped === undefined && failure === undefined;
  return {
    name,
    ready,
    restarts: status?.restartCount ?? 0,
    startedAt: status?.state.running?.startedAt,
    pid: report?.containers.find((container) => container.name === name)?.pid,
    outdatedFile: await findOutdated(system, { ...options, startedAt: status?.state.running?.startedAt }),
    problem: answers
      ? (usurped ?? (await findProblem(system, { ...options, report, ready, failure })))
      : describeLeft(status),
  };
}

/** Of the files that init made. */
async function findOutdated(
  system: Pick<System, "fs">,
  options: {
    readonly name: ControlPlaneComponent;
    readonly paths: ClusterPaths;
    readonly ledger: Ledger | undefined;
    readonly startedAt: string | undefined;
  },
): Promise<string | undefined> {
  const { name, paths, ledger, startedAt } = options;
  const manifest = await system.fs.readText(join(paths.manifestDir, `${name}.yaml`)).catch(() => "");
  const made = (ledger?.entries ?? []).flatMap(({ kind, path }) => (kind === "file" ? [path] : []));
  return findOutdatedFile(system, { startedAt, loads: selectLoaded(manifest, made) });
}

/** Of what a runner that is gone has left one knows only whether it runs. */
function describeLeft(status: ContainerStatus | undefined): ComponentState["problem"] {
  const ended = status === undefined ? "unknown" : "not running";
  return {
    summary: status?.state.running === undefined ? ended : "running without a runner",
    cause: "no runner answers",
    fix: "slipway runner start",
  };
}

async function findProblem(
  system: System,
  options: {
    readonly name: ControlPlaneComponent;
    readonly report: PodReport | undefined;
    readonly ready: boolean;
    readonly manifestPath: string | undefined;
    readonly failure: Failure | undefined;
    readonly paths: ClusterPaths;
    readonly ledger: Ledger | undefined;
  },
): Promise<ComponentState["problem"]> {
  const { name, report, ready, paths, ledger } = options;
  if (ready) return undefined;
  if (report?.terminating === true) {
    const {
      cause = "its manifest was changed, or its runner ends",
      fix = `to see how far it is: slipway logs ${name}`,
    } = (await findLack(system, options)) ?? {};
    return { summary: "being stopped", cause: `it has been told to end: ${cause}`, fix };
  }
  const failure =
    report === undefined
      ? { ...NO_POD, ...(ledger?.unfinished === true ? NOT_YET : await findLack(system, options)) }
      : (options.failure ?? describeSilence(name));
  const path = join(paths.manifestDir, `${name}.yaml`);
  const { summary, cause, fix, logLines } = await blameEdit(system, { failure, ledger, path });
  const [logLine] = logLines;
  return { summary, cause, fix, ...(logLine === undefined || logLine === cause ? {} : { logLine }) };
}

type Failure = Pick<
  ContainerFailure,
  "summary" | "cause" | "fix" | "inManifest" | "otherManifest" | "logLines"
>;

const NO_POD: Failure = {
  summary: "not running",
  cause: "the runner has no such pod",
  fix: "to start it: slipway init",
  inManifest: true,
  logLines: [],
};

const NOT_YET = { cause: "init has not come so far", fix: "to go on with it: slipway init" } as const;

/** Why the runner has no manifest of a component: it reads others, or there is none; undefined where it has one. */
async function findLack(
  system: Pick<System, "fs">,
  {
    name,
    paths: { manifestDir },
    manifestPath,
  }: {
    readonly name: ControlPlaneComponent;
    readonly paths: ClusterPaths;
    readonly manifestPath: string | undefined;
  },
): Promise<Pick<Failure, "cause" | "fix"> | undefined> {
  if (manifestPath !== manifestDir) {
    const cause = `the runner reads its manifests from ${manifestPath ?? "no directory"}, not from ${manifestDir}`;
    return { cause, fix: "to have it configured and started as before: slipway init" };
  }
  const wanted = [manifestDir, join(manifestDir, `${name}.yaml`)];
  const found = await Promise.all(wanted.map((path) => system.fs.stat(path)));
  const gone = wanted.find((_path, index) => found[index] === undefined);
  if (gone === undefined) return undefined;
  return {
    cause: `${gone} is not there`,
    fix: "move it back, or have it written again: slipway init",
  };
}

function describeSilence(name: ControlPlaneComponent): Failure {
  const fix = `slipway logs ${name}`;
  return { summary: "not ready", cause: "it has not answered yet", fix, inManifest: false, logLines: [] };
}
