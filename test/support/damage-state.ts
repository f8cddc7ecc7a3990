import {
  copyFileSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import type { Chance } from "./soak/random.ts";

/** What a power cut may leave of a file that was being written. */
const DAMAGES = {
  missing: (path: string) => rmSync(path),
  empty: (path: string) => truncateSync(path),
  cut: (path: string, chance: Chance) =>
    truncateSync(path, Math.floor(lstatSync(path).size * chance.between(0, 1))),
  zeroed: (path: string) => writeFileSync(path, Buffer.alloc(lstatSync(path).size)),
} as const;

/** The files that a runner keeps for itself, by what they are for; spools are written by containers. */
const KINDS = {
  "container record": (path: string) => basename(path) === "container.json",
  identity: (path: string) => basename(path) === "identity",
  "exit record": (path: string) => path.includes("/.exits/"),
  "log state": (path: string) => basename(path) === "log.json",
  "pod record": (path: string) => basename(path) === "status.json",
  "made paths": (path: string) => basename(path) === "made-paths.jsonl",
  "serving certificate": (path: string) => path.endsWith("/pki/kubelet.crt"),
} as const satisfies Readonly<Record<string, (path: string) => boolean>>;

export const STATE_KINDS = Object.keys(KINDS) as readonly (keyof typeof KINDS)[];

/** Copies all state files aside, to be put back as the old copies that an unsynced rename may leave. */
export function copyState(stateDir: string, copyDir: string): void {
  for (const path of listFiles(stateDir)) copyFileSync(path, join(copyDir, encodeURIComponent(path)));
}

/** Damages about half of the files of one kind, each in its own way; tells what was done to which. */
export function damageState(
  stateDir: string,
  options: { readonly kind: keyof typeof KINDS; readonly chance: Chance; readonly copyDir: string },
): readonly string[] {
  const { kind, chance, copyDir } = options;
  const files = listFiles(stateDir).filter(KINDS[kind]);
  return files.flatMap((path, index) => {
    if (index > 0 && chance.between(0, 1) < 0.5) return [];
    const name = chance.pick(["missing", "empty", "cut", "zeroed", "old"] as const);
    const old = join(copyDir, encodeURIComponent(path));
    if (name === "old") {
      if (!existsSync(old)) return [];
      writeFileSync(path, readFileSync(old));
    } else DAMAGES[name](path, chance);
    return [`${name} ${path}`];
  });
}

/** A living shim or keeper may rename what it has just written. */
function listFiles(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .map((name) => join(dir, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isFile() === true);
}
