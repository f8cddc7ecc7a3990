import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CONTAINER, FILE_KEYS, MOUNTS } from "./container-lines.ts";
import { POD } from "./plain-pod.ts";
import { METADATA, SPEC } from "./pod-lines.ts";
import { WHOLE_TEXTS } from "./whole-texts.ts";

/** Manifests of every sort: good, odd and bad. */
export function buildCorpus(): readonly string[] {
  const fixtures = join(import.meta.dirname, "../../fixtures/kubeadm-manifests");
  return [
    POD,
    ...WHOLE_TEXTS,
    ...linesOf(METADATA).map((line) =>
      POD.replace("  name: web\nspec", `  name: web\n${below(line, 2)}spec`),
    ),
    ...linesOf(SPEC).map((line) =>
      line.startsWith("containers")
        ? POD.replace(/ {2}containers:[\s\S]*/, below(line, 2))
        : `${POD}${below(line, 2)}`,
    ),
    ...linesOf(CONTAINER).map((line) =>
      /^(image|name): /.test(line)
        ? POD.replace(/ {4}image:.*\n/, line.startsWith("image") ? below(line, 4) : `$&`).replace(
            / - name: web/,
            line.startsWith("name") ? ` - ${line}` : "$&",
          )
        : `${POD}${below(line, 4)}`,
    ),
    ...linesOf(MOUNTS).map(
      (line) => `${POD}    volumeMounts: [${line}]\n  volumes: [{name: x, emptyDir: {}}]\n`,
    ),
    ...linesOf(FILE_KEYS).map(
      (line) =>
        `${POD}    env: [{name: A, valueFrom: {fileKeyRef: ${line}}}]\n  volumes: [{name: x, emptyDir: {}}, {name: h, hostPath: {path: /h}}]\n`,
    ),
    ...readdirSync(fixtures).map((name) => readFileSync(join(fixtures, name), "utf8")),
  ];
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** A line, or the entries of a line in braces, as mapping entries at an indent. */
function below(line: string, indent: number): string {
  const blanks = " ".repeat(indent);
  if (!line.startsWith("{")) return `${blanks}${line}\n`;
  return `${splitEntries(line.slice(1, -1))
    .map((entry) => `${blanks}${entry}\n`)
    .join("")}`;
}

function splitEntries(text: string): readonly string[] {
  const entries: string[] = [];
  let depth = 0;
  let current = "";
  for (const letter of text) {
    if ("[{".includes(letter)) depth += 1;
    if ("]}".includes(letter)) depth -= 1;
    if (letter === "," && depth === 0) {
      entries.push(current.trim());
      current = "";
    } else current += letter;
  }
  return [...entries, current.trim()];
}
