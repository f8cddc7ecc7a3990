import { type Command, Option } from "commander";
import { SlipwayError } from "../core/errors.ts";

/** A flag of kubeadm's that means nothing here: not shown in help, and refused by name with the reason. */
export function refuseFlag(
  command: Command,
  flag: { readonly flags: string; readonly why: string; readonly fix: string },
): Command {
  const option = new Option(flag.flags).hideHelp();
  command.addOption(option);
  return command.on(`option:${option.name()}`, () => {
    throw new SlipwayError({
      code: "SLIPWAY_USAGE",
      what: `${option.long} of kubeadm's is not taken here`,
      why: flag.why,
      fix: flag.fix,
    });
  });
}

/** The flags by which kubeadm shapes templates, beside an `-o` that it lets be one. */
export function refuseTemplateFlags(command: Command): Command {
  const reason = {
    why: "-o takes text, json and yaml; there are no templates to shape",
    fix: "-o json, and pick from it what you want",
  };
  refuseFlag(command, { flags: "--allow-missing-template-keys [yes]", ...reason });
  return refuseFlag(command, { flags: "--show-managed-fields [yes]", ...reason });
}
