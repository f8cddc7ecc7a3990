import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeText } from "../../src/core/decode-text.ts";
import { API_TYPES } from "../../src/pod/api-types.ts";
import { defaultPod } from "../../src/pod/default-pod.ts";
import { parseEnvFile } from "../../src/pod/parse-env-file.ts";
import { parsePodBody } from "../../src/pod/parse-static-pod.ts";
import { createManifestInterpreter } from "../../src/runner/sources/interpret-manifests.ts";
import { readManifestFiles } from "../../src/runner/sources/read-manifest-files.ts";
import { createFileSystem } from "../../src/system/file-system.ts";
import { buildCorpus } from "../support/manifest-corpus/build-corpus.ts";
import { buildEquivalents } from "../support/manifest-corpus/build-equivalents.ts";
import { buildOracle, type Oracle, type OracleAnswer, writeBodies } from "../support/oracle.ts";
import { ALLOWED_REASONS, findAllowedDifference, normalizePod } from "../support/oracle-differences.ts";

/** The kubelet's source has to be compiled; the components may have come from elsewhere. */
const hasGo = spawnSync("go", ["version"]).error === undefined;
const isNeeded = process.env["SLIPWAY_REQUIRE_BINARIES"] === "1";
const compared = test.skipIf(!hasGo && !isNeeded);

let oracle: Oracle;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "slipway-decoding-"));
  if (hasGo || isNeeded) oracle = await buildOracle();
  else process.stderr.write("there is no Go to build the kubelet's source with: nothing is compared\n");
}, 600_000);
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
  await oracle?.destroy();
});

compared("the table of types is that of the Go module", async () => {
  expect(API_TYPES).toBe(await oracle.types());
});

compared("the kubelet's source and ours make the same pods of a corpus of manifests", async () => {
  const texts = buildCorpus();
  expect(texts.length).toBeGreaterThan(400);
  const { unexplained, reasons } = await compare(texts);
  expect(unexplained).toEqual([]);
  expect(new Set(reasons)).toEqual(new Set(ALLOWED_REASONS));
});

compared("they make the same pods of mutated manifests", async () => {
  const texts = fc.sample(mutated(buildCorpus()), { numRuns: 3000, seed: 1 });
  expect((await compare(texts)).unexplained).toEqual([]);
});

compared("they read the same encodings, and refuse the same bytes", async () => {
  const yaml = `# caf\u00e9\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: x}]}\n`;
  const json = `{"apiVersion": "v1", "kind": "Pod",\n\t"metadata": {"name": "a", "annotations": {"b": "caf\u00e9"}},
\t"spec": {"containers": [{"name": "c", "image": "x"}]}}`;
  const mark = Buffer.from("\uFEFF");
  const bodies = [yaml, json].flatMap((text) => {
    const latin = Buffer.from(text, "latin1");
    const little = Buffer.from(`\uFEFF${text}`, "utf16le");
    const big = Buffer.from(little).swap16();
    const odd = Buffer.concat([little, Buffer.from("A")]);
    const lone = Buffer.from(`\uFEFF${text.replace("\u00e9", "\uD800")}`, "utf16le");
    const marked = Buffer.concat([mark, Buffer.from(text)]);
    return [latin, Buffer.concat([mark, latin]), marked, little, big, odd, lone, little.subarray(2)];
  });
  const paths = await writeBodies(join(dir, "encodings"), bodies);
  const answers = await oracle.ask(paths.map((path) => ({ kind: "url", path })));
  const podsOf = (answer: OracleAnswer) => comparable(answer).pods;
  expect(bodies.map((body) => podsOf(judge(decodeText(body))))).toEqual(answers.map(podsOf));
  expect(answers.map(({ pods }) => pods.length)).toEqual([0, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1, 1, 1, 0, 0, 0]);
});

compared(
  "two texts are one pod to us exactly when they are to the kubelet, save for what says nothing",
  async () => {
    const saysNothing = /status:|: \[\]|: \{\}|PodList/;
    const texts = [...buildCorpus(), ...buildEquivalents()].filter((text) => !saysNothing.test(text));
    const answers = await ask(texts);
    const pairs = texts.flatMap((text, index) => {
      const theirs = answers[index]?.pods[0]?.metadata.uid;
      const ours = judge(text).pods[0]?.metadata.uid;
      return theirs === undefined || ours === undefined ? [] : [{ text, theirs, ours }];
    });
    const first = (key: "ours" | "theirs", value: string) => pairs.find((pair) => pair[key] === value);
    expect(pairs.filter(({ ours, theirs }) => first("theirs", theirs) !== first("ours", ours))).toEqual([]);
    expect(new Set(pairs.map(({ ours }) => ours)).size).toBeLessThan(pairs.length);
  },
);

compared("of a directory they take the same files", async () => {
  const path = join(dir, "manifests");
  await writeDirectory(path);
  const [answer] = await oracle.ask([{ kind: "dir", path }]);
  const names = answer?.pods.map(({ metadata }) => metadata.name);
  expect(names?.sort()).toEqual(["a-node-a", "link-node-a", "no-extension-node-a"]);
  const listing = await readManifestFiles({ fs: createFileSystem() }, path);
  const interpreter = createManifestInterpreter({
    nodeName: "node-a",
    badManifest: "keep",
    known: [],
    onWarning: () => undefined,
  });
  const ours = listing.kind === "files" ? interpreter.interpret(listing.files, "now") : undefined;
  // The kubelet's order is that of a map.
  const byName = (pods: readonly { readonly metadata: { readonly name: string } }[] = []) =>
    pods
      .toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1))
      .map((pod) => normalizePod({ ...pod }));
  expect(byName(ours?.pods.map(({ pod }) => pod))).toEqual(byName(answer?.pods));
  // The kubelet says nothing of a link to nothing but in its log.
  expect(ours?.refused.map(({ origin }) => basename(origin))).toEqual(["bad.yaml", "dangling.yaml"]);
});

compared("of environment files they take the same values, and find the same faults", async () => {
  const piece = fc.constantFrom(
    "A",
    "B",
    "A=",
    "B='",
    "'",
    "=",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "#",
    "x",
    "A='1'",
    "\\",
    '"',
  );
  const texts = fc
    .sample(fc.array(piece, { maxLength: 12 }), { numRuns: 5000, seed: 1 })
    .map((all) => all.join(""));
  const paths = await writeBodies(join(dir, "env"), texts);
  const answers = await oracle.ask(paths.map((path) => ({ kind: "env", path })));
  const ours = texts.map((text) =>
    ["A", "B"].map((key) => {
      const found = parseEnvFile(text, key);
      return found.kind === "value" ? found.value : found.message;
    }),
  );
  expect(ours).toEqual(answers.map(({ messages }) => messages));
  expect(new Set(ours.flat()).size).toBeGreaterThan(50);
});

async function writeDirectory(path: string): Promise<void> {
  const pod = (name: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: c, image: x}]}\n`;
  await mkdir(join(path, "below"), { recursive: true });
  await writeFile(join(path, "a.yaml"), pod("a"));
  await writeFile(join(path, "no-extension"), pod("no-extension"));
  await writeFile(join(path, ".hidden.yaml"), pod("hidden"));
  await writeFile(join(path, "bad.yaml"), "kind: Deployment\n");
  await writeFile(join(path, "below/deep.yaml"), pod("deep"));
  await writeFile(join(dir, "elsewhere.yaml"), pod("link"));
  await symlink(join(dir, "elsewhere.yaml"), join(path, "link.yaml"));
  await symlink(join(dir, "nowhere.yaml"), join(path, "dangling.yaml"));
}

async function ask(texts: readonly string[]): Promise<readonly OracleAnswer[]> {
  const paths = await writeBodies(join(dir, String(texts.length)), texts);
  const answers = await oracle.ask(paths.map((path) => ({ kind: "url", path })));
  expect(answers).toHaveLength(texts.length);
  return answers;
}

/** Where the two differ, and the reasons of the table of allowed differences that explain some of it. */
async function compare(
  texts: readonly string[],
): Promise<{ readonly unexplained: readonly unknown[]; readonly reasons: readonly string[] }> {
  const answers = await ask(texts);
  const different = texts.flatMap((text, index) => {
    const theirs = comparable(answers[index] ?? { pods: [] });
    const ours = comparable(judge(text));
    if (JSON.stringify(ours.pods) === JSON.stringify(theirs.pods)) return [];
    return [{ text, ours, theirs, reason: findAllowedDifference({ text, ours, theirs }) }];
  });
  return {
    unexplained: different.filter(({ reason }) => reason === undefined),
    reasons: different.flatMap(({ reason }) => reason ?? []),
  };
}

function comparable({ pods, messages = [] }: OracleAnswer) {
  return { pods: pods.map((pod) => normalizePod({ ...pod })), messages };
}

function judge(text: string): OracleAnswer {
  const parsed = parsePodBody({ text, origin: "http://127.0.0.1/", nodeName: "node-a" });
  if (parsed.kind === "refused") return { pods: [], messages: [parsed.message] };
  const pods = parsed.manifests.map((manifest) =>
    defaultPod({ manifest, nodeName: "node-a", origin: "http://127.0.0.1/", source: "http", seenAt: "now" }),
  );
  return { pods };
}

/** A manifest with one to three of its lines, words or letters changed. */
function mutated(texts: readonly string[]): fc.Arbitrary<string> {
  const words = fc.constantFrom(
    "null",
    "true",
    "no",
    "0",
    "-1",
    "1.5",
    "08",
    "0x1f",
    "{}",
    "[]",
    '""',
    "~",
    "a: b",
    "- a",
    "&a b",
    "*a",
    "!!str 5",
    "'",
    '"',
    "{",
    "]",
    ":",
    "#",
    "|",
    ">",
    "2147483648",
    "1e3",
    "...",
    "---",
    "<<: {a: b}",
    "2026-01-31",
    "é",
  );
  const change = fc.record({
    at: fc.nat(),
    kind: fc.constantFrom("word", "drop", "twice", "cut", "join"),
    word: words,
  });
  return fc
    .tuple(
      fc.constantFrom(...texts.filter((text) => text.includes("kind: Pod"))),
      fc.array(change, { minLength: 1, maxLength: 3 }),
    )
    .map(([text, changes]) => changes.reduce(applyChange, text));
}

function applyChange(
  text: string,
  change: { readonly at: number; readonly kind: string; readonly word: string },
): string {
  const lines = text.split("\n");
  const index = change.at % lines.length;
  const line = lines[index] ?? "";
  const replaced: Readonly<Record<string, readonly string[]>> = {
    word: [line.replace(/(:|-) .*$/, `$1 ${change.word}`)],
    drop: [],
    twice: [line, line],
    cut: [line.slice(0, change.at % (line.length + 1))],
    join: [` ${line}`],
  };
  return lines.toSpliced(index, 1, ...(replaced[change.kind] ?? [])).join("\n");
}
