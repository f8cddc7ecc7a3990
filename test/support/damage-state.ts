import { randomBytes } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Chance } from "./soak/random.ts";

/** What a power cut may leave of a file that was being written. */
const DAMAGES = {
  missing: (path: string) => rmSync(path),
  empty: (path: string) => truncateSync(path),
  cut: (path: string, chance: Chance) =>
    truncateSync(path, Math.floor(lstatSync(path).size * chance.between(0, 1))),
  zeroed: (path: string) => writeFileSync(path, Buffer.alloc(lstatSync(path).size)),
} as const;

const DAMAGE_NAMES = Object.keys(DAMAGES) as readonly (keyof typeof DAMAGES)[];

/** The files that a runner keeps for itself, by what they are for; spools are written by containers. */
const KINDS = {
  "container record": (path: string) => basename(path) === "container.json",
  identity: (path: string) => basename(path) === "identity",
  "exit record": (path: string) => /\/\.exits\/[0-9a-f]+$/.test(path),
  "log state": (path: string) => basename(path) === "log.json",
  "pod record": (path: string) => basename(path) === "status.json",
  "made paths": (path: string) => basename(path) === "made-paths.jsonl",
  "serving certificate": (path: string) => path.endsWith("/pki/kubelet.crt"),
} as const satisfies Readonly<Record<string, (path: string) => boolean>>;

export type StateKind = keyof typeof KINDS;
export const STATE_KINDS = Object.keys(KINDS) as readonly StateKind[];

/** What was done to one file. */
export interface Damage {
  readonly name: keyof typeof DAMAGES | "old";
  readonly path: string;
}

/** What each state file said first: a rename that was not synced may leave that. */
export interface OldState {
  /** Undefined where the file still says it, or was not seen. */
  read(path: string): Buffer | undefined;
  close(): void;
}

/** So soon after it was made a file has not been replaced yet. */
const LOOK_MS = 50;

/** Begins to keep it. */
export function keepOldState(stateDir: string): OldState {
  const dir = mkdtempSync(join(tmpdir(), "slipway-old-state-"));
  const copyOf = (path: string): string => join(dir, encodeURIComponent(path.slice(stateDir.length)));
  const look = (): void => {
    for (const path of listFiles(stateDir))
      if (Object.values(KINDS).some((is) => is(path)) && !existsSync(copyOf(path)))
        copyFileSync(path, copyOf(path));
  };
  const timer = setInterval(() => whenThere(look), LOOK_MS);
  return {
    read: (path) => {
      const copy = existsSync(copyOf(path)) ? readFileSync(copyOf(path)) : undefined;
      return copy?.equals(readFileSync(path)) === true ? undefined : copy;
    },
    close: () => {
      clearInterval(timer);
      rmSync(dir, { recursive: true });
    },
  };
}

/** The files of one kind that are there now. */
export function listState(stateDir: string, kind: StateKind): readonly string[] {
  return listFiles(stateDir).filter(KINDS[kind]);
}

/**
 * Damages half of the files of one kind or more, each in another way as long as there is one, and leaves beside each
 * what was to take its place, half written.
 */
export function damageState(
  stateDir: string,
  options: { readonly kind: StateKind; readonly chance: Chance; readonly old: OldState },
): readonly Damage[] {
  const { kind, chance, old } = options;
  const files = chance.shuffle(listState(stateDir, kind));
  const names = chance.shuffle(DAMAGE_NAMES);
  const count = Math.ceil(files.length * chance.between(0.5, 1));
  const oldOne = files.slice(0, count).find((path) => old.read(path) !== undefined);
  return files.slice(0, count).map((path, index) => {
    const data = readFileSync(path);
    const name = path === oldOne ? "old" : (names[index % names.length] ?? "empty");
    if (name === "old") writeFileSync(path, old.read(path) ?? "");
    else DAMAGES[name](path, chance);
    const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
    writeFileSync(draft, data.subarray(0, data.length / 2));
    return { name, path };
  });
}

/** `empty /…/identity; old /…/status.json`. */
export function describeDamages(damages: readonly Damage[]): string {
  return damages.map(({ name, path }) => `${name} ${path}`).join("; ");
}

/** Whoever has made something may remove it at any moment: the rest is seen at the next look. */
function whenThere(look: () => void): void {
  try {
    look();
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "ENOENT") throw error;
  }
}

/** A living shim or keeper may rename what it has just written. */
function listFiles(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .map((name) => join(dir, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isFile() === true);
}
