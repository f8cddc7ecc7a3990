import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import type { Checklist } from "../../support/static-pods/checklist.ts";
import { CLUSTER } from "../../support/static-pods/cluster.ts";
import { CONTAINERS } from "../../support/static-pods/containers.ts";
import { KUBELET } from "../../support/static-pods/kubelet.ts";
import { MANIFESTS } from "../../support/static-pods/manifests.ts";

const CHECKLIST: Checklist = { ...MANIFESTS, ...CONTAINERS, ...CLUSTER, ...KUBELET };

/** How many rows each subject has in the reference that this list follows; 101 in all. */
const COUNTS = [8, 2, 7, 9, 15, 17, 14, 6, 5, 7, 3, 5, 3];

const subjects = Object.entries(CHECKLIST);
const rows = subjects.flatMap(([subject, behaviours]) =>
  behaviours.map(([behaviour, ...proofs]) => [`${subject}: ${behaviour}`, proofs] as const),
);

test("no row is missing, and each has a proof", () => {
  expect(subjects.map(([, behaviours]) => behaviours.length)).toEqual(COUNTS);
  expect(rows.filter(([, proofs]) => !proofs.some(Array.isArray)).map(([row]) => row)).toEqual([]);
});

test.each(rows)("%s: the tests that prove it are there", (_, proofs) => {
  for (const proof of proofs) {
    if ("why" in proof) continue;
    const [file, title] = proof;
    const text = readFileSync(resolve(import.meta.dirname, "../..", file), "utf8");
    expect(text).toContain(`"${title}"`);
  }
});
