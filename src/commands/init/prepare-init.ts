import { join } from "node:path";
import type { Ledger } from "../../apply/ledger.ts";
import { usesService } from "../../apply/service.ts";
import { describeComponents } from "../../components/describe-components.ts";
import type { EnvVariable, InitConfig } from "../../config/types.ts";
import { buildPaths, type ClusterPaths } from "../../core/paths.ts";
import { createFactReader } from "../../facts/fact-reader.ts";
import { type CallingUser, readCallingUser } from "../../facts/read-calling-user.ts";
import { readMachineFacts } from "../../facts/read-machine-facts.ts";
import type { MachineFacts } from "../../facts/types.ts";
import { buildManifests, type Manifest } from "../../manifests/build-manifests.ts";
import { healthUrls } from "../../manifests/component-ports.ts";
import { formatSystemdUnit, SERVICE_PATH } from "../../plan/boot/systemd-unit.ts";
import { buildPlan } from "../../plan/build-plan.ts";
import type { PlanInput } from "../../plan/phase.ts";
import { kubeconfigPath } from "../../plan/phases/kubeconfig.ts";
import { formatRunnerConfig } from "../../plan/runner-config.ts";
import type { Plan } from "../../plan/types.ts";
import type { System } from "../../system/system.ts";
import { runnerProgram } from "../runner/standby.ts";
import type { Ui } from "../ui.ts";
import { askInit } from "./ask-init.ts";
import { formatInput } from "./format-input.ts";
import type { InitOptions, ResolvedInitOptions } from "./init-options.ts";
import { loadInitConfig } from "./load-init-config.ts";
import { recallEarlier } from "./read-earlier.ts";

/** Everything that init will do, before anything is done. */
export interface PreparedInit {
  /** The command line with the answers to what was asked. */
  readonly options: ResolvedInitOptions;
  /** What was asked for just now, as flags; undefined when nothing was. */
  readonly answers: string | undefined;
  readonly config: InitConfig;
  /** What the configuration file says. */
  readonly configText: string | undefined;
  readonly paths: ClusterPaths;
  readonly machine: MachineFacts;
  /** The file asks for a dry run. */
  readonly dryRun: boolean;
  readonly manifests: readonly Manifest[];
  readonly plan: Plan;
  /** Who asks the API server. */
  readonly apiKubeconfigPath: string;
}

/**
 * Config and facts to a plan. Changes nothing; asks only on a terminal. Needs no root, network or component binaries.
 * Raises SLIPWAY_CONFIG_UNREADABLE, SLIPWAY_CONFIG_INVALID, SLIPWAY_ADDRESS_AMBIGUOUS, SLIPWAY_PATCH_INVALID.
 */
export async function prepareInit(
  system: System,
  input: {
    readonly options: InitOptions;
    readonly ui: Ui;
    /** Only these phases. */
    readonly only?: readonly string[];
    /** What an init had left that a reset has undone just now; undefined: what is there. */
    readonly undone?: Ledger | undefined;
  },
): Promise<PreparedInit> {
  const { options: given, ui, only } = input;
  const machine = await readMachineFacts(system);
  const caller = await readCallingUser(system);
  const paths = buildPaths({ root: given.root, uid: machine.uid });
  const earlier = input.undone ?? (await recallEarlier(system, { options: given, paths, ui }));
  const asked = await askInit({
    options: given,
    machine,
    earlier,
    caller: await offerCopy(system, caller),
    hasBinaries: (kubernetesVersion) => hasBinaries(system, kubernetesVersion),
    ui,
  });
  const options = { ...asked, runtime: asked.runtime ?? "host" };
  const isAsked = earlier === undefined && ui.interactive && formatInput(asked) !== formatInput(given);
  const reader = createFactReader();
  const { config, text, dryRun, patches } = await loadInitConfig(system, { options, machine, reader, ui });
  const manifests = await buildManifests({
    config,
    caDirs: machine.caDirs,
    proxyEnv: options.withProxyEnv ? listProxyVariables(system.host.env) : [],
    patches,
  });
  const planInput = {
    config,
    paths,
    manifests,
    healthUrls: healthUrls(config),
    runnerConfig: formatRunnerConfig({ config, paths, componentDir: options.componentDir }),
    service: await planService(system, { options, paths, config }),
    kubeconfigFor: options.userKubeconfig === true ? caller : undefined,
    runtime: options.runtime,
    hostName: machine.hostName,
    patches,
    apiKubeconfigPath: await chooseApiKubeconfig(system, { options, paths, only }),
    uploadCerts: options.uploadCerts,
    addons: options.addons,
  };
  const plan = buildPlan(planInput, only === undefined ? {} : { only });
  const { apiKubeconfigPath } = planInput;
  const unknown = [...machine.unknown, ...reader.unknown()];
  return {
    options,
    answers: isAsked ? formatInput(asked) : undefined,
    config,
    configText: text,
    paths,
    machine: { ...machine, unknown },
    dryRun,
    manifests,
    plan,
    apiKubeconfigPath,
  };
}

/** Where systemd runs the machine's services it runs the runner, too. */
async function planService(
  system: System,
  input: {
    readonly options: ResolvedInitOptions;
    readonly paths: ClusterPaths;
    readonly config: InitConfig;
  },
): Promise<PlanInput["service"]> {
  const { options, paths, config } = input;
  const { root, runtime } = options;
  if (runtime !== "host" || !(await usesService(system, { root }))) return undefined;
  // Its schema takes time to build, and only systemd asks for it.
  const [{ decodeKubeletConfiguration }, { sumShutdownPeriods }] = await Promise.all([
    import("../../runner/settings/decode-kubelet.ts"),
    import("../../runner/settings/shutdown-periods.ts"),
  ]);
  const kubelet = decodeKubeletConfiguration(config.kubelet.document ?? {});
  const periods = kubelet.kind === "decoded" ? kubelet.configuration.shutdownPeriods : [];
  const shutdownSeconds = sumShutdownPeriods(periods);
  const runner = { command: runnerProgram(), root, logPath: paths.runnerLogPath, shutdownSeconds };
  return { path: SERVICE_PATH, content: formatSystemdUnit(runner) };
}

/** A phase alone may be run after super-admin.conf was taken away, as its documentation advises. */
async function chooseApiKubeconfig(
  system: System,
  input: {
    readonly options: InitOptions;
    readonly paths: ClusterPaths;
    readonly only: readonly string[] | undefined;
  },
): Promise<string> {
  const { options, paths, only } = input;
  if (options.kubeconfigPath !== undefined) return options.kubeconfigPath;
  const superAdmin = kubeconfigPath(paths, "super-admin");
  if (only === undefined || (await system.fs.stat(superAdmin)) !== undefined) return superAdmin;
  return kubeconfigPath(paths, "admin");
}

async function hasBinaries(system: System, kubernetesVersion: string): Promise<boolean> {
  const { components } = await describeComponents(system, { kubernetesVersion, dir: undefined });
  return components.every(({ component }) => component !== undefined);
}

/** A user with a kubeconfig already is not offered another. */
async function offerCopy(system: System, caller: CallingUser | undefined): Promise<CallingUser | undefined> {
  if (caller === undefined) return undefined;
  return (await system.fs.lstat(join(caller.homeDir, ".kube/config"))) === undefined ? caller : undefined;
}

/** Source: kubeadm util/env.go GetProxyEnvVars: by the end of their names, in either case. */
function listProxyVariables(env: System["host"]["env"]): readonly EnvVariable[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value && name.toLowerCase().endsWith("_proxy") ? [{ name, value }] : [],
  );
}
