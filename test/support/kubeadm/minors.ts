import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listDifferences } from "./compare.ts";
import { findKubeadm } from "./find-kubeadm.ts";
import { MATRIX } from "./matrix.ts";
import type { Observed } from "./observe-files.ts";
import { runKubeadm } from "./run-kubeadm.ts";

/** The releases whose own kubeadm is asked once, and whose answers are kept. */
export const OLD_VERSIONS = ["v1.36.3", "v1.35.4", "v1.34.4"];

type Files = Readonly<Record<string, Observed>>;

/** How the files of an older kubeadm differ from those of KUBEADM_VERSION, and for which cases. */
export interface MinorRecord {
  /** Cases that it refuses, with why. */
  readonly refused: Readonly<Record<string, string>>;
  readonly differences: readonly { readonly cases: readonly string[]; readonly changes: readonly Change[] }[];
}

/** A place, and what stands there instead; null: nothing. */
export interface Change {
  readonly path: string;
  readonly value: unknown;
}

/** How files differ from those of the newest kubeadm; a kubelet's files are the newest's alone and do not count. */
export function describeChanges(newest: Files, other: Files): readonly Change[] {
  return listDifferences(withoutKubelet(newest), withoutKubelet(other)).map(({ path, slipway }) => ({
    path,
    value: slipway ?? null,
  }));
}

function withoutKubelet(files: Files): Files {
  return Object.fromEntries(Object.entries(files).filter(([path]) => !path.startsWith("var/lib/kubelet")));
}

/** What every kubeadm of these versions makes of the matrix; the first one is the reference. */
export async function recordMinors(reference: string): Promise<Readonly<Record<string, MinorRecord>>> {
  const dir = mkdtempSync(join(tmpdir(), "slipway-minors-"));
  try {
    const run = async (version: string) => {
      const program = await findKubeadm(version);
      return MATRIX.map((matrixCase) => {
        const root = join(dir, `${version}-${matrixCase.name}`);
        mkdirSync(root);
        return {
          name: matrixCase.name,
          outcome: runKubeadm(program, { matrixCase, root, kubernetesVersion: version }),
        };
      });
    };
    const newest = await run(reference);
    const records: [string, MinorRecord][] = [];
    for (const version of OLD_VERSIONS) {
      const refused: Record<string, string> = {};
      const groups = new Map<string, string[]>();
      for (const [index, { name, outcome }] of (await run(version)).entries()) {
        const wanted = newest[index]?.outcome;
        if (outcome.kind === "refused") refused[name] = outcome.message.split("\n")[0] ?? "";
        else if (wanted?.kind === "files") {
          const key = JSON.stringify(describeChanges(wanted.files, outcome.files));
          groups.set(key, [...(groups.get(key) ?? []), name]);
        }
      }
      const differences = [...groups].map(([key, cases]) => ({
        cases,
        changes: JSON.parse(key) as Change[],
      }));
      records.push([version, { refused, differences }]);
    }
    return Object.fromEntries(records);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
