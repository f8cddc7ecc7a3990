import { basename, join } from "node:path";
import { readContainerLog } from "../../control/read-container-log.ts";
import { messageOf } from "../../core/errors.ts";
import { isObject } from "../../core/json.ts";
import { buildPaths, type ClusterPaths } from "../../core/paths.ts";
import { redactKnown, redactSecrets } from "../../core/redact.ts";
import { formatYaml, parseYamlDocuments } from "../../core/yaml.ts";
import { readMachineFacts } from "../../facts/read-machine-facts.ts";
import type { System } from "../../system/system.ts";
import { runVersion } from "../version.ts";
import { runEvents } from "../view/events.ts";
import { readPods } from "../view/read-pods.ts";
import { runStatus } from "../view/status.ts";
import type { DiagnosisAnswer } from "./doctor.ts";
import { readKeyTexts } from "./read-key-texts.ts";

/** One file of a bundle. */
export interface BundleFile {
  /** Relative. */
  readonly path: string;
  readonly text: string;
}

/** So many last lines of each log: some hours of a component that complains every second. */
const LOG_LINES = 5000;

/** A longer file of our own, such as an old runner's log, is cut at its beginning; chosen to keep a bundle small. */
const MAX_FILE_CHARACTERS = 4 * 1024 * 1024;

/**
 * What somebody needs who shall help from afar: the diagnosis, versions, facts, pods, events, manifests and logs. No
 * secret is in it: neither what looks like one, nor a line of any key of this cluster, nor the value of any variable of
 * a pod. What could not be read says so in its place.
 */
export async function collectBundle(
  system: System,
  options: { readonly root: string; readonly diagnosis: DiagnosisAnswer },
): Promise<readonly BundleFile[]> {
  const { root, diagnosis } = options;
  const paths = buildPaths({ root, uid: system.host.uid });
  const sections: readonly (readonly [path: string, read: () => unknown])[] = [
    ["doctor.json", () => diagnosis],
    ["version.json", runVersion],
    ["facts.json", () => readMachineFacts(system)],
    ["status.json", () => runStatus(system, { root })],
    ["pods.json", async () => (await readPods(system, { root })).pods],
    ["events.json", () => runEvents(system, { root })],
  ];
  const files = [
    ...(await Promise.all(sections.map(([path, read]) => describeSection(path, read)))),
    ...(await readManifests(system, paths)),
    ...(await readOwnFiles(system, paths)),
    ...(await readLogs(system, root)),
  ];
  const known = await readKeyTexts(system, paths);
  return files.map(({ path, text }) => ({ path, text: redactSecrets(redactKnown(text, known)) }));
}

async function describeSection(path: string, read: () => unknown): Promise<BundleFile> {
  try {
    return { path, text: `${JSON.stringify(hideVariables(await read()), undefined, 2)}\n` };
  } catch (error) {
    return describeGap(path, error);
  }
}

/** Somebody's password may be in any variable. */
function hideVariables(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown) =>
      key === "env" && isObject(item) && "value" in item
        ? { ...item, value: "<hidden>" }
        : hideVariables(item),
    );
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, hideVariables(inner, name)]));
}

async function readManifests(system: System, paths: ClusterPaths): Promise<readonly BundleFile[]> {
  const names = await system.fs.list(paths.manifestDir).catch(() => []);
  return Promise.all(
    names
      .filter((name) => /\.(?:ya?ml|json)$/.test(name))
      .map((name) =>
        readFile(system, {
          path: `manifests/${name}`,
          from: join(paths.manifestDir, name),
          edit: hideInYaml,
        }),
      ),
  );
}

/** A text that cannot be parsed may hold anything. */
function hideInYaml(text: string): string {
  const documents = parseYamlDocuments(text);
  const problem = documents.flatMap(({ problems }) => problems)[0];
  if (problem !== undefined) return `# left out: line ${problem.line} is not YAML: ${problem.message}\n`;
  return documents.map(({ value }) => formatYaml(hideVariables(value))).join("---\n");
}

function readOwnFiles(system: System, paths: ClusterPaths): Promise<readonly BundleFile[]> {
  const own = [paths.ledgerPath, paths.runnerConfigPath, paths.runnerLogPath];
  return Promise.all(own.map((from) => readFile(system, { path: basename(from), from })));
}

async function readFile(
  system: System,
  file: { readonly path: string; readonly from: string; readonly edit?: (text: string) => string },
): Promise<BundleFile> {
  const { path, from, edit = (text) => text.slice(-MAX_FILE_CHARACTERS) } = file;
  try {
    return { path, text: edit(await system.fs.readText(from)) };
  } catch (error) {
    return describeGap(path, error);
  }
}

/** Of each container's present and last run. */
async function readLogs(system: System, root: string): Promise<readonly BundleFile[]> {
  const { pods } = await readPods(system, { root });
  const logs = pods.flatMap(({ pod, containers }) =>
    containers.flatMap(({ name, logPath, previousLogPath }) =>
      [logPath, previousLogPath].flatMap((from) =>
        from === undefined
          ? []
          : [{ from, path: `logs/${pod.metadata.namespace}/${pod.metadata.name}/${name}/${basename(from)}` }],
      ),
    ),
  );
  return Promise.all(logs.map(({ path, from }) => readLog(system, { path, from })));
}

async function readLog(
  system: System,
  { path, from }: { readonly path: string; readonly from: string },
): Promise<BundleFile> {
  const chunks: Buffer[] = [];
  try {
    await readContainerLog(system, {
      path: from,
      tailLines: LOG_LINES,
      timestamps: true,
      write: (chunk) => void chunks.push(chunk),
    });
    return { path, text: Buffer.concat(chunks).toString("utf8") };
  } catch (error) {
    return describeGap(path, error);
  }
}

function describeGap(path: string, error: unknown): BundleFile {
  return { path: `${path}.unreadable`, text: `${messageOf(error)}\n` };
}
