import { resolve } from "node:path";
import type { PodReport } from "../../control/protocol.ts";
import type { System } from "../../system/system.ts";
import type { Place } from "./locate.ts";

/** Where the values of a flag or argument come from. */
export type Source =
  | { readonly kind: "files" | "dirs"; readonly list?: undefined }
  | {
      /** `list`: several, separated by commas. */
      readonly kind: "one" | "list";
      readonly list: (place: Place, openSystem: () => Promise<System>) => Promise<readonly string[]>;
    };

/** By flag, by command and flag, or by command and argument. Each imports what it needs when it is asked. */
const SOURCES: ReadonlyMap<string, Source> = new Map(
  Object.entries({
    "logs pod": { kind: "one", list: listPods },
    "restart pod": { kind: "one", list: listPods },
    "--container": { kind: "one", list: listContainers },
    "renew name": { kind: "one", list: listCertificates },
    "fetch names": { kind: "one", list: listComponents },
    "--kubernetes-version": { kind: "one", list: listVersions },
    "--skip-phases": { kind: "list", list: listPhases },
    "--ignore-preflight-errors": { kind: "list", list: listChecks },
    "reset --ignore-preflight-errors": { kind: "list", list: listResetChecks },
    "--usages": { kind: "list", list: listUsages },
    "--feature-gates": { kind: "list", list: listGates },
  }),
);

/** Files and directories are known by the word in the flag's usage. */
const PLACEHOLDERS: Readonly<Record<string, Source>> = {
  file: { kind: "files" },
  path: { kind: "files" },
  dir: { kind: "dirs" },
};

/** Undefined where nobody knows what to offer. */
export function findSource(of: {
  /** The first that is known counts. */
  readonly names: readonly string[];
  readonly placeholder: string;
}): Source | undefined {
  const name = of.names.find((known) => SOURCES.has(known));
  return name === undefined ? PLACEHOLDERS[of.placeholder] : SOURCES.get(name);
}

async function readPods(
  { values }: Place,
  openSystem: () => Promise<System>,
): Promise<readonly { readonly name: string; readonly report: PodReport }[]> {
  const [{ readKnownPods }, { shortNameOf }] = await Promise.all([
    import("../../commands/view/read-pods.ts"),
    import("../../pod/default-pod.ts"),
  ]);
  const { pods } = await readKnownPods(await openSystem(), {
    root: resolve(values.get("--root") ?? "/"),
  });
  return pods.map((report) => ({ name: shortNameOf(report.pod), report }));
}

async function listPods(place: Place, openSystem: () => Promise<System>): Promise<readonly string[]> {
  return (await readPods(place, openSystem)).map(({ name }) => name);
}

/** Of the pod that is named already. */
async function listContainers(place: Place, openSystem: () => Promise<System>): Promise<readonly string[]> {
  const [wanted] = place.args;
  const pods = await readPods(place, openSystem);
  const pod = pods.find(({ name, report }) => name === wanted || report.pod.metadata.name === wanted);
  return (pod?.report.containers ?? []).map(({ name }) => name);
}

async function listCertificates(): Promise<readonly string[]> {
  const { MANAGED_NAMES } = await import("../../commands/certs/managed-certificates.ts");
  return ["all", ...MANAGED_NAMES];
}

async function listComponents(): Promise<readonly string[]> {
  const { COMPONENT_NAMES } = await import("../../components/types.ts");
  return COMPONENT_NAMES;
}

async function listVersions(): Promise<readonly string[]> {
  const { MINOR_VERSIONS } = await import("../../core/kubernetes-versions.ts");
  return MINOR_VERSIONS.map(({ newest }) => newest);
}

async function listPhases(): Promise<readonly string[]> {
  const [{ INIT_PHASES }, { listLeaves }] = await Promise.all([
    import("../../plan/build-plan.ts"),
    import("../../plan/select-phases.ts"),
  ]);
  return [...new Set(listLeaves(INIT_PHASES).flatMap(({ top, path }) => [top.name, path]))];
}

async function listChecks(): Promise<readonly string[]> {
  const { CHECK_NAMES } = await import("../../config/preflight-names.ts");
  return ["all", ...CHECK_NAMES];
}

async function listResetChecks(): Promise<readonly string[]> {
  const { USER_CHECK } = await import("../../commands/reset.ts");
  return ["all", USER_CHECK];
}

async function listUsages(): Promise<readonly string[]> {
  const { TOKEN_DEFAULTS } = await import("../../config/bootstrap-tokens.ts");
  return TOKEN_DEFAULTS.usages;
}

/** Those that the version which is named takes. */
async function listGates({ values }: Place): Promise<readonly string[]> {
  const [{ listGateValues }, { DEFAULT_KUBERNETES_VERSION }] = await Promise.all([
    import("../../config/feature-gates.ts"),
    import("../../core/constants.ts"),
  ]);
  return listGateValues(values.get("--kubernetes-version") ?? DEFAULT_KUBERNETES_VERSION);
}
