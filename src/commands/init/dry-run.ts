import { join } from "node:path";
import { describeFileError } from "../../core/errors.ts";
import type { System } from "../../system/system.ts";
import type { PreparedInit } from "./prepare-init.ts";

/** The manifests that init would write, as one YAML stream, byte for byte. */
export function formatManifestStream({ manifests }: PreparedInit): string {
  return manifests.map(({ text }) => text).join("---\n");
}

/** The same pods as a v1 List. */
export function buildPodList({ manifests }: PreparedInit): {
  readonly apiVersion: "v1";
  readonly kind: "List";
  readonly items: readonly unknown[];
} {
  return { apiVersion: "v1", kind: "List", items: manifests.map(({ pod }) => pod) };
}

/** Writes the manifests into a directory that exists or whose parent does. Returns the paths. */
export async function writeManifests(
  system: System,
  options: { readonly prepared: PreparedInit; readonly outputDir: string },
): Promise<readonly string[]> {
  const { outputDir, prepared } = options;
  try {
    await system.fs.makeDir(outputDir, { mode: 0o755 });
    for (const { fileName, text } of prepared.manifests) {
      await system.fs.writeAtomic(join(outputDir, fileName), { data: text, mode: 0o600 });
    }
  } catch (error) {
    throw describeFileError(error, { action: "write the manifests to", path: outputDir });
  }
  return prepared.manifests.map(({ fileName }) => join(outputDir, fileName));
}

/** A step of the plan as `--plan` shows it. */
export interface PlannedStep {
  readonly phase: string;
  readonly id: string;
  readonly title: string;
  readonly needs: readonly string[];
}

/** What `--plan` prints. */
export function describePlan({ plan }: PreparedInit): {
  readonly apiVersion: "slipway.dev/v1";
  readonly kind: "Plan";
  readonly kubernetesVersion: string;
  readonly steps: readonly PlannedStep[];
} {
  return {
    apiVersion: "slipway.dev/v1",
    kind: "Plan",
    kubernetesVersion: plan.kubernetesVersion,
    steps: plan.phases.flatMap((phase) =>
      plan.steps
        .filter((step) => step.phase === phase.name)
        .map(({ phase, id, title, needs }) => ({ phase, id, title, needs })),
    ),
  };
}
