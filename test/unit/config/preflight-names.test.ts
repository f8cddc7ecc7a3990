import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { parseInitConfig } from "../../../src/config/parse-init-config.ts";
import { describeCheckName } from "../../../src/config/preflight-names.ts";
import { SlipwayError } from "../../../src/core/errors.ts";

test.each(["NumCPU", "numcpu", "all", "ALL", "CRI", "Port-6443", "port-10250", "DirAvailable--var-lib-etcd"])(
  "%s can be ignored",
  (name) => {
    expect(describeCheckName(name)).toBeUndefined();
  },
);

test.each([
  ["NumCPUs", 'did you mean "NumCPU"?'],
  ["Prt-6443", 'did you mean "Port-6443"?'],
  ["alll", 'did you mean "all"?'],
  ["everything-else", "init names a check in [ ] when it fails"],
])("%s is no check, and the nearest is named", (name, hint) => {
  expect(describeCheckName(name)).toBe(`there is no preflight check "${name}"; ${hint}`);
});

/** What is wrong with a plane after init: no init refuses for it, so there is nothing to ignore. */
const AFTER_INIT = ["check-plane.ts", "check-pods.ts"];

test("every check of init has a name that can be ignored", () => {
  const dir = resolve(import.meta.dirname, "../../../src/preflight");
  const source = readdirSync(dir)
    .filter((name) => !AFTER_INIT.includes(name))
    .map((name) => readFileSync(join(dir, name), "utf8"))
    .join("\n");
  const names = [...source.matchAll(/(?:error|warning)Finding\(\s*["`]([^"`$]+)/g)].map(([, name]) =>
    `${name}x`.replace(/(?<!-)x$/, ""),
  );
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => describeCheckName(name) !== undefined)).toEqual([]);
});

test("a misspelt name is refused where it stands, in the file or as a flag", () => {
  const text = `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
nodeRegistration:
  ignorePreflightErrors:
  - Mem
  - Swpa
`;
  expect(detailsOf({ text, path: "f.yaml" })).toEqual([
    'f.yaml:6:5: nodeRegistration.ignorePreflightErrors[1]: there is no preflight check "Swpa"; did you mean "Swap"?',
  ]);
  expect(detailsOf({ text: undefined, flags: { ignorePreflightErrors: ["nmcpu"] } })).toEqual([
    '--ignore-preflight-errors: there is no preflight check "nmcpu"; did you mean "NumCPU"?',
  ]);
});

function detailsOf(source: Parameters<typeof parseInitConfig>[0]): readonly string[] {
  try {
    parseInitConfig(source);
    return [];
  } catch (error) {
    if (error instanceof SlipwayError) return error.details;
    throw error;
  }
}
