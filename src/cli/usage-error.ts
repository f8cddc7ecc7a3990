import type { Command, CommanderError } from "commander";
import { ERROR_CODES } from "../core/error-codes.ts";
import { SlipwayError } from "../core/errors.ts";
import { MINOR_VERSIONS } from "../core/kubernetes-versions.ts";
import { selectNearest } from "../core/nearest.ts";
import { nameOf, type Place } from "./completion/locate.ts";

/** What commander throws when a group is called without one of its commands. */
export const HELP_CODE = "commander.help";

/** What commander found wrong with a command line, of which `place` is the end. */
export function describeUsageError(error: CommanderError, place: Place): SlipwayError {
  const said = describeReason(error, place);
  const [why = said, nearest] = said.split(/\n\(|\)$/);
  const command = nameCommand(place.command);
  const help = describeOwnWay(why, place.command) ?? `${command} --help lists what it takes`;
  return new SlipwayError({
    code: "SLIPWAY_USAGE",
    what: `${command} was not run: ${ERROR_CODES.SLIPWAY_USAGE.title}`,
    why,
    fix: nearest === undefined ? help : `${nearest} ${help}`,
  });
}

/** What of kubeadm's is done in another way here. */
const OWN_WAYS: Readonly<Record<string, string>> = {
  join: "other machines join with kubeadm itself; to print its command: slipway token create --print-join-command",
  upgrade: `init goes up one minor version at a time, to the newest that is known with: slipway init --kubernetes-version ${MINOR_VERSIONS[0]?.newest}`,
};

function describeOwnWay(why: string, { parent }: Command): string | undefined {
  const [, word = ""] = /^unknown command '(\w+)'/.exec(why) ?? [];
  return parent === null ? OWN_WAYS[word] : undefined;
}

/** Commander's words; ours where it leaves out which word is too many, and what can be named. */
function describeReason({ code, message }: CommanderError, place: Place): string {
  const said = message.replace(/^error: /, "");
  const { command, args, given } = place;
  const { registeredArguments, options } = command;
  switch (code) {
    case HELP_CODE:
      return "no command is named";
    case "commander.excessArguments":
      return describeExcess(command, args) ?? said;
    case "commander.missingArgument":
      return said + listChoices(registeredArguments[args.length]?.argChoices);
    case "commander.missingMandatoryOptionValue":
      return (
        said +
        listChoices(options.find((option) => option.mandatory && !given.has(nameOf(option)))?.argChoices)
      );
    default:
      return said;
  }
}

function describeExcess(command: Command, args: readonly string[]): string | undefined {
  const { registeredArguments } = command;
  const word = args[registeredArguments.length];
  if (word === undefined) return undefined;
  const takes =
    registeredArguments.length === 0
      ? "takes none"
      : `takes only ${registeredArguments.map((argument) => `<${argument.name()}>`).join(" ")}`;
  return `'${word}' is an argument too many: ${nameCommand(command)} ${takes}${suggestCommand(command, word)}`;
}

/** What of a group was likely meant, as commander writes it behind a reason; empty where nothing is like it. */
export function suggestCommand(group: Command, word: string): string {
  const nearest = selectNearest(
    word,
    group.commands.map((child) => child.name()),
  );
  return nearest === undefined ? "" : `\n(Did you mean ${nearest}?)`;
}

function listChoices(choices: readonly string[] | undefined): string {
  return choices === undefined ? "" : `: one of ${choices.join(", ")}`;
}

/** `slipway runner start`. */
function nameCommand(command: Command): string {
  return command.parent === null ? command.name() : `${nameCommand(command.parent)} ${command.name()}`;
}
