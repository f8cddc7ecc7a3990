import { resolve } from "node:path";
import { quoteShown } from "../../core/quote-shell.ts";

/** Commands of ours that take `--root`, as hints name them; not those of which only is spoken, as in an error of usage. */
const HINT =
  /(?<![\w/-])slipway (?!(?:[a-z-]+ ){1,4}(?:--help|was not run|takes\b))((?:runner )?(?:init(?: phase [a-z-]+(?: all)?)?|reset|status|doctor|ps|events|logs|restart|start|stop|token [a-z]+|certs (?:check-expiration|renew)|handoff [a-z]+))\b(?: --(root|config)\b)?/g;

/**
 * Makes the commands that a text names such that they can be typed as they stand: with the program as it was called,
 * and with the `--root` of this command line unless that is `/` or the text names one. An `init` is named with the
 * `--config` of this one unless it has another.
 */
export function completeHints(
  text: string,
  call: { readonly argv: readonly string[]; readonly program: string | undefined },
): string {
  const root = findRoot(call.argv);
  const flag = root === undefined || root === "/" ? "" : ` --root ${quoteShown(root)}`;
  const config = /^(init|doctor)$/.test(call.argv[0] ?? "") ? findValue(call.argv, "--config") : undefined;
  const input = config === undefined ? "" : ` --config ${quoteShown(config)}`;
  const program = quoteShown(call.program ?? "slipway");
  return text.replace(HINT, (_hint, command: string, next: string | undefined) => {
    const own = next === undefined ? "" : ` --${next}`;
    const file = command === "init" && next === undefined ? input : "";
    return `${program} ${command}${next === "root" ? "" : flag}${file}${own}`;
  });
}

/** Completes the hints of a text for this process's own command line. */
export function completeOwnHints(text: string): string {
  return completeHints(text, { argv: process.argv.slice(2), program: process.env["SLIPWAY_PROGRAM"] });
}

function findRoot(argv: readonly string[]): string | undefined {
  const value = findValue(argv, "--root");
  if (value === undefined) return undefined;
  // The working directory may be gone.
  try {
    return resolve(value);
  } catch {
    return value;
  }
}

function findValue(argv: readonly string[], flag: string): string | undefined {
  const index = argv.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`));
  const word = argv[index];
  return word === flag ? argv[index + 1] : word?.slice(`${flag}=`.length);
}
