import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseYamlDocuments } from "../../src/core/yaml.ts";
import { CIS_FLAG_CHECKS } from "../support/cis/flag-checks.ts";
import { type Component, type ObservedPlane, readFlags } from "../support/cis/observe-plane.ts";

const MANIFESTS = join(import.meta.dirname, "../fixtures/kubeadm-manifests");

/** The flags of a component as a manifest that real kubeadm has written by default has them. */
function readArgs(component: Component): readonly string[] {
  const text = readFileSync(join(MANIFESTS, `${component}.yaml`), "utf8");
  const [document] = parseYamlDocuments(text);
  const pod = document?.value as { readonly spec: { readonly containers: readonly { command: string[] }[] } };
  return pod.spec.containers[0]?.command.slice(1) ?? [];
}

/** Files that flags name are none: kubeadm's default names no such file. */
const kubeadms: Pick<ObservedPlane, "flag" | "items" | "textOf"> = {
  ...readFlags(readArgs),
  textOf: () => "",
};

test("of what flags say, the manifests of kubeadm's default fail what the profile is for, and nothing else", () => {
  const failed = CIS_FLAG_CHECKS.filter(({ passes }) => !passes(kubeadms as ObservedPlane));
  expect(failed.map(({ id }) => id)).toEqual([
    ...["1.2.1", "1.2.3", "1.2.5", "1.2.9", "1.2.11", "1.2.15", "1.2.16", "1.2.17", "1.2.18", "1.2.19"],
    ...["1.2.27", "1.2.28", "1.2.29", "1.2.30", "1.3.1", "1.3.2", "1.4.1", "3.2.1", "3.2.2"],
  ]);
  expect(failed).toEqual(CIS_FLAG_CHECKS.filter(({ byDefault }) => byDefault === "fails"));
});
