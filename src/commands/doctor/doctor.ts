import { findRunners } from "../../apply/find-runners.ts";
import { type Ledger, readLedger } from "../../apply/ledger.ts";
import { describeComponents } from "../../components/describe-components.ts";
import { describeFileError, SlipwayError, whenOurs } from "../../core/errors.ts";
import { buildPaths, type ClusterPaths } from "../../core/paths.ts";
import { listOtherRoots } from "../../facts/find-slipway-root.ts";
import { readMachineFacts } from "../../facts/read-machine-facts.ts";
import type { UnknownFact } from "../../facts/types.ts";
import { applyIgnore } from "../../preflight/apply-ignore.ts";
import { checkInit } from "../../preflight/check-init.ts";
import { checkPlane } from "../../preflight/check-plane.ts";
import { errorFinding, toFindingText, warningFinding } from "../../preflight/init-check.ts";
import type { Finding } from "../../preflight/types.ts";
import type { System } from "../../system/system.ts";
import { readFactsOf } from "../init/preflight-init.ts";
import { prepareInit } from "../init/prepare-init.ts";
import { listLostKeys } from "../read-earlier-plane.ts";
import { hasPlane } from "../runner/read-runner-config.ts";
import type { Ui } from "../ui.ts";
import { runPs } from "../view/ps.ts";
import { runStatus } from "../view/status.ts";
import { diagnosePods } from "./diagnose-pods.ts";
import { findObstacles } from "./find-obstacles.ts";
import { readPlaneConfig } from "./read-plane-config.ts";
import { readPlaneFacts } from "./read-plane-facts.ts";

/** What `slipway doctor` prints. */
export interface DiagnosisAnswer {
  readonly apiVersion: "slipway.dev/v1";
  readonly kind: "Diagnosis";
  readonly root: string;
  /** Whether init has been at work here. */
  readonly installed: boolean;
  /** Where else a runner runs, for who may have meant another one: looked for where nothing is installed. */
  readonly otherRoots: readonly string[];
  /** Whether a runner without a control plane has: without either of them the machine is judged for init. */
  readonly standalone: boolean;
  /** There is no error among the findings. */
  readonly healthy: boolean;
  readonly kubernetesVersion: string | undefined;
  readonly nodeName: string | undefined;
  /** Errors first. */
  readonly findings: readonly Finding[];
  /** What could not be looked at. */
  readonly unknown: readonly UnknownFact[];
}

/** What was looked at, before it is put in order. */
export type Diagnosis = Pick<DiagnosisAnswer, "kubernetesVersion" | "nodeName" | "findings" | "unknown">;

/**
 * All that speaks against a control plane here: before init what its preflight would say, after it also what the
 * components, files and the API server show. Changes nothing. Raises SLIPWAY_FILE_ACCESS where it may not look.
 */
export async function runDoctor(
  system: System,
  options: {
    readonly root: string;
    /** For a machine before init. */
    readonly configPath: string | undefined;
  },
): Promise<DiagnosisAnswer> {
  const paths = buildPaths({ root: options.root, uid: system.host.uid });
  const { installed, standalone, ...diagnosis } = await diagnose(system, { ...options, paths }).catch(
    (error: unknown) => {
      throw describeFileError(error, { action: "look at the control plane in", path: paths.stateDir });
    },
  );
  const findings = diagnosis.findings.toSorted((left, right) =>
    left.severity < right.severity ? -1 : Number(left.severity > right.severity),
  );
  return {
    apiVersion: "slipway.dev/v1",
    kind: "Diagnosis",
    root: paths.root,
    installed,
    otherRoots: installed ? [] : await listOtherRoots(system, options),
    standalone,
    healthy: findings.every(({ severity }) => severity !== "error"),
    ...diagnosis,
    findings,
  };
}

async function diagnose(
  system: System,
  options: {
    readonly root: string;
    readonly configPath: string | undefined;
    readonly paths: ClusterPaths;
  },
): Promise<Diagnosis & Pick<DiagnosisAnswer, "installed" | "standalone">> {
  const { paths, configPath } = options;
  const installed = await isInstalled(system, paths);
  const standalone = !installed && configPath === undefined && (await hasPlane(system, paths));
  if (installed) return { installed, standalone, ...(await diagnosePlane(system, paths)) };
  const diagnosis = standalone ? diagnosePods(system, paths) : diagnoseMachine(system, options);
  return { installed, standalone, ...(await diagnosis) };
}

/** A runner by itself leaves neither of these. */
async function isInstalled(system: System, paths: ClusterPaths): Promise<boolean> {
  const traces = await Promise.all(
    [paths.ledgerPath, paths.runnerConfigPath].map((path) => system.fs.stat(path)),
  );
  return traces.some((found) => found !== undefined);
}

async function diagnosePlane(system: System, paths: ClusterPaths): Promise<Diagnosis> {
  const { root } = paths;
  const [machine, status, pods, ownRunners, ledger] = await Promise.all([
    readMachineFacts(system),
    runStatus(system, { root }),
    runPs(system, { root }).catch(whenOurs),
    findRunners(system, root),
    readLedger(system, paths).catch(whenCorrupt),
  ]);
  const config = await readPlaneConfig(system, { paths, ledger, machine });
  const external = ledger?.entries.every(({ path }) => path !== paths.runnerConfigPath) ?? false;
  const runtime = external ? "external" : "host";
  const lostKeys = listLostKeys(config, ledger);
  const [facts, plane] = await Promise.all([
    readFactsOf(system, { config, paths, machine }),
    readPlaneFacts(system, { paths, config, status, external, lostKeys, podFaults: pods?.failures ?? [] }),
  ]);
  const findings = checkInit({
    config,
    facts: { ...facts, inotifyProblem: facts.inotifyProblem ?? status.runner?.inotifyProblem },
    resuming: true,
    lostKeys,
    ownRunners,
    runtime,
  });
  const ignore = ledger?.input?.flags.ignorePreflightErrors ?? [];
  return {
    kubernetesVersion: ledger?.kubernetesVersion,
    nodeName: config.nodeName,
    findings: [...checkPlane(plane), ...applyIgnore({ findings, ignore })],
    unknown: [...machine.unknown, ...facts.unknown],
  };
}

/** `status` tells of it. */
function whenCorrupt(error: unknown): Ledger | undefined {
  if (error instanceof SlipwayError && error.code === "SLIPWAY_LEDGER_CORRUPT") return undefined;
  throw error;
}

async function diagnoseMachine(
  system: System,
  options: { readonly root: string; readonly configPath: string | undefined },
): Promise<Diagnosis> {
  const warnings: string[] = [];
  try {
    const prepared = await prepareInit(system, { options: asInit(options), ui: collect(warnings) });
    const { config, machine } = prepared;
    const facts = await readFactsOf(system, prepared);
    const { kubernetesVersion } = config.cluster;
    const checked = checkInit({ config, facts, resuming: false });
    const findings = applyIgnore({ findings: checked, ignore: config.ignorePreflightErrors });
    return {
      kubernetesVersion,
      nodeName: config.nodeName,
      findings: [
        ...findings,
        ...(await findObstacles(system, prepared)),
        ...warnings.map(describeWarning),
        ...(await checkPrograms(system, kubernetesVersion)),
      ],
      unknown: [...machine.unknown, ...facts.unknown],
    };
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    const findings = [errorFinding("Configuration", toFindingText(error))];
    return { kubernetesVersion: undefined, nodeName: undefined, findings, unknown: [] };
  }
}

/** What init would be asked, with no flag but these. */
function asInit(options: { readonly root: string; readonly configPath: string | undefined }) {
  return {
    ...options,
    flags: {},
    yes: true,
    runtime: "host",
    uploadCerts: false,
    addons: false,
    skipTokenPrint: true,
    skipCertificateKeyPrint: true,
    kubeconfigPath: undefined,
    components: "auto",
    componentDir: undefined,
    componentMirror: undefined,
    userKubeconfig: undefined,
    withProxyEnv: false,
    verbosity: 0,
  } as const;
}

/** Nobody is asked anything, and warnings become findings. */
function collect(warnings: string[]): Ui {
  const unasked = (): never => {
    throw new Error("doctor asks nothing");
  };
  return {
    interactive: false,
    note: () => undefined,
    warn: (line) => void warnings.push(line),
    confirm: unasked,
    select: unasked,
    input: unasked,
    showProgress: unasked,
  };
}

/** `so and so; what comes of it (what to do)`, as init warns. */
function describeWarning(line: string): Finding {
  const [, what = line, why = "init would go on with it", fix = "name another in the configuration"] =
    /^(.*?); (.*?) \((.*)\)$/s.exec(line) ?? [];
  return warningFinding("Configuration", { what, why, fix });
}

async function checkPrograms(system: System, kubernetesVersion: string): Promise<readonly Finding[]> {
  const { components } = await describeComponents(system, { kubernetesVersion, dir: undefined });
  const missing = components.filter(({ component }) => component === undefined).map(({ name }) => name);
  if (missing.length === 0) return [];
  return [
    warningFinding("Components", {
      what: `programs of Kubernetes ${kubernetesVersion} are not on this machine: ${missing.join(", ")}`,
      why: "init will have to download or build them",
      fix: "name a directory that has them (--component-dir DIR), or get them now: slipway components fetch",
    }),
  ];
}
