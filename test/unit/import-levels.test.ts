import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const SRC = resolve(import.meta.dirname, "../../src");

const LEVELS: Readonly<Record<string, number>> = {
  core: 0,
  system: 1,
  config: 2,
  pod: 2,
  pki: 3,
  kubeconfig: 4,
  manifests: 4,
  control: 4,
  api: 5,
  facts: 6,
  components: 6,
  preflight: 7,
  runtime: 7,
  plan: 8,
  apply: 9,
  runner: 9,
  commands: 10,
  cli: 11,
};

const PURE_ROOMS = ["core", "config", "pod", "pki", "kubeconfig", "manifests", "preflight", "plan"];

/** Files of pure rooms that have effects, and why they may. */
const EFFECT_FILES = ["pki/issue.ts"];

const DOORS: Readonly<Record<string, readonly string[]>> = {
  commander: ["cli/"],
  listr2: ["cli/"],
  inquirer: ["cli/"],
  execa: ["system/exec.ts"],
  "handlebars/runtime": ["manifests/render.ts"],
  "node-forge": ["pki/"],
  yaml: ["core/yaml.ts", "core/yaml-tokens.ts"],
};

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));

test("a room imports only rooms of a lower level, or itself", () => {
  const offences = files.flatMap((file) => {
    const room = roomOf(file);
    if (room === undefined) return [];
    return importsOf(file).flatMap((target) => {
      if (!target.startsWith(".")) return [];
      const other = roomOf(relative(SRC, resolve(SRC, dirname(file), target)));
      if (other === undefined || other === room) return [];
      return (LEVELS[other] ?? 99) < (LEVELS[room] ?? -1) ? [] : [`${file} imports ${target}`];
    });
  });
  expect(offences).toEqual([]);
});

test("every room has a level", () => {
  const rooms = new Set(files.map(roomOf).filter((room) => room !== undefined));
  expect([...rooms].filter((room) => LEVELS[room] === undefined)).toEqual([]);
});

test("each dependency has one door", () => {
  const offences = files.flatMap((file) =>
    importsOf(file)
      .filter((target) => DOORS[target] !== undefined)
      .filter((target) => !DOORS[target]?.some((door) => file.startsWith(door)))
      .map((target) => `${file} imports ${target}`),
  );
  expect(offences).toEqual([]);
});

test("pure rooms touch no disk, network, process, clock or chance", () => {
  const forbidden =
    /from "node:(?:fs|net|http|https|child_process|os|timers)|Date\.now|Math\.random|process\.(?!exitCode)|system\.(?:fs|exec|net|clock|random)\b/;
  const offences = files
    .filter((file) => PURE_ROOMS.includes(roomOf(file) ?? "") && !EFFECT_FILES.includes(file))
    .filter((file) => forbidden.test(readFileSync(join(SRC, file), "utf8")));
  expect(offences).toEqual([]);
});

test("no source file is longer than 300 lines", () => {
  const long = files.filter((file) => readFileSync(join(SRC, file), "utf8").split("\n").length > 301);
  expect(long).toEqual([]);
});

/** Undefined for a file of no room: the process edge, a template. */
function roomOf(file: string): string | undefined {
  if (file.startsWith("..")) return undefined;
  return file.includes("/") ? file.split("/")[0] : undefined;
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), "utf8");
  return [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map((match) => match[1] ?? "");
}
