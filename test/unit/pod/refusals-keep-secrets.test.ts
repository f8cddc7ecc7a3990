import { expect, test } from "vitest";
import { parseManifest } from "../../../src/pod/parse-static-pod.ts";

const SECRET = "48151623";

const withContainer = (fields: string, metadata = "name: web"): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {${metadata}}\nspec:\n  containers:\n  - name: web\n    image: x\n${fields}\n`;

test.each([
  [
    "a variable",
    withContainer(`    env: [{name: A, value: ${SECRET}}]`),
    "must be a text, not a number; put",
  ],
  ["an argument", withContainer(`    args: [${SECRET}]`), "args[0]: it must be a text, not a number; put"],
  ["all arguments", withContainer(`    args: ${SECRET}`), "args: it must be a list, not a number"],
  ["a command", withContainer(`    command: [sh, ${SECRET}]`), "command[1]: it must be a text, not a number"],
  [
    "a header of a probe",
    withContainer(
      `    livenessProbe: {httpGet: {port: 1, httpHeaders: [{name: Authorization, value: ${SECRET}}]}}`,
    ),
    "httpHeaders[0].value: it must be a text, not a number",
  ],
  [
    "an annotation",
    withContainer("", `name: web, annotations: {a: ${SECRET}}`),
    "annotations.a: it must be a",
  ],
  ["JSON without quotes", `{"env": [{"value": pass${SECRET}}]}`, "has to be JSON: Unexpected token 'p'"],
  ["short JSON", `{"a": p${SECRET}}`, "has to be JSON: Unexpected token 'p'"],
])("what is wrong with %s is told without its value", (_name, text, words) => {
  const parsed = parseManifest({ text, origin: "/m/web.yaml" });
  expect(parsed).toMatchObject({ kind: "refused", message: expect.stringContaining(words) });
  expect(JSON.stringify(parsed)).not.toContain(SECRET);
});

test("a number out of its bounds, which is no secret, is told", () => {
  const parsed = parseManifest({ text: withContainer("    ports: [{containerPort: 1.5}]"), origin: "x" });
  expect(parsed).toMatchObject({ message: expect.stringContaining("not 1.5") });
});
