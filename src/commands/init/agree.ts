import { isEdited } from "../../apply/blame-edit.ts";
import { hashText, type Ledger, writtenHash } from "../../apply/ledger.ts";
import type { PlanDifference } from "../../apply/observe-plan.ts";
import { SlipwayError } from "../../core/errors.ts";
import type { Step } from "../../plan/types.ts";
import type { System } from "../../system/system.ts";
import type { Ui } from "../ui.ts";
import { describeChangedInput } from "./describe-changed-input.ts";
import type { PreparedInit } from "./prepare-init.ts";
import { showPlan } from "./show-plan.ts";

/**
 * Shows what a first init makes, or what a further one changes and for what input, and asks. Raises SLIPWAY_DECLINED, and
 * SLIPWAY_INPUT_CHANGED for changes that nobody can be asked about.
 */
export async function agree(
  system: Pick<System, "fs">,
  input: {
    readonly differences: readonly PlanDifference[];
    readonly earlier: Ledger | undefined;
    readonly prepared: PreparedInit;
    readonly ui: Ui;
  },
): Promise<void> {
  const { differences, earlier, prepared, ui } = input;
  const changes = differences.filter(({ observation }) => observation.kind === "differs");
  const { yes } = prepared.options;
  const loss = earlier === undefined ? undefined : describeNewKeys(differences);
  if (loss !== undefined) ui.warn(loss);
  if (changes.length > 0) {
    const lines = differences.map(({ step, observation }) =>
      observation.kind === "differs" ? observation.what : step.title,
    );
    const { origin, onlyEdited } = await findOrigin(system, {
      steps: changes.map(({ step }) => step),
      earlier,
      prepared,
    });
    if (!ui.interactive && !yes) throw changedError(prepared, { origin, onlyEdited, details: lines });
    ui.note(`what is there would be changed; ${origin}:`);
    for (const line of lines) ui.note(`  ${line}`);
  } else if (earlier === undefined && ui.interactive && !yes) {
    showPlan(prepared, ui);
  }
  if (!ui.interactive || yes || (changes.length === 0 && earlier !== undefined)) return;
  const initial = changes.length === 0;
  if (await ui.confirm({ message: "Go on?", initial, unasked: "slipway init --yes" })) return;
  throw new SlipwayError({
    code: "SLIPWAY_DECLINED",
    what: "init was not begun",
    why: "the question was answered with no",
    fix: "to see what it would write: slipway init --dry-run",
  });
}

/** Where the differences come from, and whether that is nothing but edits of files that init wrote. */
async function findOrigin(
  system: Pick<System, "fs">,
  {
    steps,
    earlier,
    prepared,
  }: {
    readonly steps: readonly Step[];
    readonly earlier: Ledger | undefined;
    readonly prepared: PreparedInit;
  },
): Promise<{ readonly origin: string; readonly onlyEdited: boolean }> {
  if (earlier === undefined) return { origin: "it is not of Slipway's making", onlyEdited: false };
  const paths = steps.flatMap((step) => (step.kind === "file" ? [step.path] : []));
  const looks = await Promise.all(paths.map((path) => isEdited(system, { ledger: earlier, path })));
  const edited = paths.filter((_path, index) => looks[index]);
  // A restart only follows from what changes.
  const others = steps.filter((step) => step.kind !== "wait-component" && !isAsPlanned(step, earlier));
  const onlyEdited = edited.length > 0 && others.length === 0;
  const edits =
    edited.length > 1
      ? `${edited.length} files were edited since init wrote them`
      : `${edited[0]} was edited since init wrote it`;
  const origins = [
    ...(edited.length > 0 ? [`${edits}, or an init was cut off`] : []),
    ...(onlyEdited ? [] : [describeChangedInput(earlier, prepared)]),
  ];
  return { origin: origins.join("; "), onlyEdited };
}

/** What comes of keys that are gone under an API server that was there: what they signed is refused. */
function describeNewKeys(differences: readonly PlanDifference[]): string | undefined {
  const made = differences.filter(({ observation }) => observation.kind === "absent").map(({ step }) => step);
  if (made.some(({ id }) => id === "manifest/kube-apiserver")) return undefined;
  const hasNewCa = made.some(({ id }) => id === "certs/ca");
  const hasNewTokenKey = made.some(({ kind }) => kind === "service-account-keys");
  const invalid = [
    ...(hasNewCa ? ["joined nodes", "kubeconfigs that were handed out"] : []),
    ...(hasNewTokenKey ? ["service account tokens"] : []),
  ];
  if (invalid.length === 0) return undefined;
  const what = [...(hasNewCa ? ["the CA"] : []), ...(hasNewTokenKey ? ["sa.key"] : [])].join(" and ");
  return `${what} would be made anew; what was signed before is refused then: ${invalid.join(", ")} (to keep them: put the old files back)`;
}

/** Whether the last init wrote a file as this one would: what is there otherwise is somebody else's edit. */
function isAsPlanned(step: Step, earlier: Ledger | undefined): boolean {
  return step.kind === "file" && writtenHash(earlier, step.path) === hashText(step.content);
}

function changedError(
  prepared: PreparedInit,
  {
    origin,
    onlyEdited,
    details,
  }: { readonly origin: string; readonly onlyEdited: boolean; readonly details: readonly string[] },
): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_INPUT_CHANGED",
    what: `init was run before on ${prepared.paths.root}, and what is there is not what it would make now`,
    why: `${origin}; ${details.length} ${details.length === 1 ? "thing" : "things"} would change`,
    details,
    fix: onlyEdited
      ? "to have it written again as it was: slipway init --yes"
      : "run it again with --yes to make these changes, or with the input of the first run",
  });
}
