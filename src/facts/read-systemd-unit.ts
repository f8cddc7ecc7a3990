import { join } from "node:path";
import type { System } from "../system/system.ts";
import { splitWords } from "./split-words.ts";

/** What systemd would run for a service. */
export interface SystemdUnit {
  /** The unit file that counts. */
  readonly path: string;
  /** The last ExecStart, variables replaced. */
  readonly argv: readonly string[];
}

/** Unit directories, the stronger first. Source: systemd.unit(5), table "Load path when running in system mode". */
const UNIT_DIRS: readonly string[] = [
  "/etc/systemd/system",
  "/run/systemd/system",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
];

/**
 * The command line of a service, from its unit file, its drop-ins and their environment files; undefined when it has
 * no unit file or no ExecStart. Systemd itself is not asked, so it need not run.
 */
export async function readSystemdUnit(
  system: System,
  options: { readonly name: string },
): Promise<SystemdUnit | undefined> {
  const unitPath = await findFirst(
    system,
    UNIT_DIRS.map((dir) => join(dir, options.name)),
  );
  if (unitPath === undefined) return undefined;
  const settings: Setting[] = [];
  for (const path of [unitPath, ...(await listDropIns(system, options.name))]) {
    settings.push(...parseServiceSettings((await system.fs.readTextIfExists(path)) ?? ""));
  }
  const command = selectLastCommand(settings);
  if (command === undefined) return undefined;
  const variables = await readVariables(system, settings);
  return { path: unitPath, argv: expandCommand(command, variables) };
}

interface Setting {
  readonly key: string;
  readonly value: string;
}

/** Drop-ins by name: one in a stronger directory hides its namesake. Source: systemd.unit(5). */
async function listDropIns(system: System, unit: string): Promise<readonly string[]> {
  const byName = new Map<string, string>();
  for (const dir of UNIT_DIRS.toReversed().map((base) => join(base, `${unit}.d`))) {
    if ((await system.fs.stat(dir))?.kind !== "directory") continue;
    for (const name of await system.fs.list(dir))
      if (name.endsWith(".conf")) byName.set(name, join(dir, name));
  }
  return [...byName].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, path]) => path);
}

async function findFirst(system: System, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if ((await system.fs.stat(path))?.kind === "file") return path;
  return undefined;
}

/** Settings of the [Service] section in order. Source: systemd.syntax(7). */
function parseServiceSettings(text: string): readonly Setting[] {
  const lines = text
    .replace(/\\\n/g, " ")
    .split("\n")
    .map((line) => line.trim());
  let section = "";
  return lines.flatMap((line) => {
    if (line.startsWith("[")) section = line;
    const match = /^(\w+)\s*=\s*(.*)$/.exec(line);
    return section === "[Service]" && match !== null ? [{ key: match[1] ?? "", value: match[2] ?? "" }] : [];
  });
}

/** An empty ExecStart takes back those before it. Source: systemd.service(5). */
function selectLastCommand(settings: readonly Setting[]): string | undefined {
  const value = settings.findLast(({ key }) => key === "ExecStart")?.value;
  return value === undefined || value === "" ? undefined : value;
}

/** Environment files are read at the start and win over Environment. Source: systemd.exec(5). */
async function readVariables(
  system: System,
  settings: readonly Setting[],
): Promise<ReadonlyMap<string, string>> {
  const assignments = settings
    .filter(({ key }) => key === "Environment")
    .flatMap(({ value }) => splitWords(value));
  for (const { value } of settings.filter(({ key }) => key === "EnvironmentFile")) {
    const text = (await system.fs.readTextIfExists(value.replace(/^-/, ""))) ?? "";
    const lines = text.split("\n").filter((line) => !/^\s*[#;]/.test(line));
    assignments.push(
      ...lines.flatMap((line) => splitWords(line.replace(/^(\s*\w+=)(?=[^"'])(.*)$/, '$1"$2"'))),
    );
  }
  return new Map(
    assignments.flatMap((word) => {
      const [, name, value] = /^(\w+)=(.*)$/s.exec(word) ?? [];
      return name === undefined ? [] : [[name, value ?? ""]];
    }),
  );
}

/** `$NAME` as a word of its own becomes several words, `${NAME}` stays within its word. Source: systemd.service(5). */
function expandCommand(command: string, variables: ReadonlyMap<string, string>): readonly string[] {
  return splitWords(command.replace(/^[-@:+!|]+/, "")).flatMap((word) => {
    const own = /^\$(\w+)$/.exec(word)?.[1];
    if (own !== undefined) return splitWords(variables.get(own) ?? "");
    return [word.replace(/\$\{(\w+)\}/g, (_text, name: string) => variables.get(name) ?? "")];
  });
}
