import { expect, test } from "vitest";
import { collectGates } from "../../src/cli/options.ts";
import { describeGateProblem } from "../../src/config/feature-gates.ts";
import { describeKubeletOnly } from "../../src/config/node-flags.ts";
import { parseInitConfig } from "../../src/config/parse-init-config.ts";
import { parseManifest } from "../../src/pod/parse-static-pod.ts";
import { parseLogLine } from "../../src/preflight/parse-log-line.ts";

/** Names that every object of JavaScript has; a person may write them where names are looked up. */
const NAMES = ["constructor", "toString", "__proto__", "__defineGetter__"];

function problemOf({ kind = "ClusterConfiguration", version = "v1beta4", line = "" }): string {
  try {
    parseInitConfig({
      text: `apiVersion: kubeadm.k8s.io/${version}\nkind: ${kind}\n${line}\n`,
      path: "f.yaml",
    });
    return "";
  } catch (error) {
    return JSON.stringify(error);
  }
}

test.each(NAMES)(
  "%s is a field, a gate, a flag, a version and a kind like others that are not known",
  (name) => {
    const unknown = problemOf({ line: `${name}: 5` });
    expect(unknown).toMatch(/there is no such field/);
    expect(unknown).not.toMatch(/v1beta3's form/);
    expect(describeGateProblem({ name, on: true }, "v1.37.2")).toMatch(/no feature gate .*known: /);
    const flag = `nodeRegistration: {kubeletExtraArgs: [{name: ${name}, value: a}]}`;
    expect(problemOf({ kind: "InitConfiguration", line: flag })).toMatch(/^$|is not a flag's name/);
    expect(
      describeKubeletOnly({ nodeRegistration: { kubeletExtraArgs: [{ name, value: "a" }] } }),
    ).toHaveLength(1);
    expect(problemOf({ version: name })).not.toMatch(/config migrate/);
    expect(parseManifest({ text: `apiVersion: v1\nkind: ${name}\n`, origin: "x" })).toMatchObject({
      message: expect.stringContaining("only a Pod can"),
    });
  },
);

test.each(NAMES)("%s is no value of a flag and no level of a log", (name) => {
  expect(() => collectGates(`A=${name}`, undefined)).toThrow("A=true");
  expect(parseLogLine(JSON.stringify({ msg: "m", level: name }))).toEqual({ severity: "info", text: "m" });
});
