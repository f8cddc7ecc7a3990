import { SlipwayError } from "../core/errors.ts";
import { moveCommand } from "../core/quote-shell.ts";

/** SLIPWAY_KUBECONFIG_INVALID for a file that cannot be used as it is. `why` holds no credentials. */
export function describeKubeconfigFault(fault: {
  readonly path: string;
  readonly why: string;
}): SlipwayError {
  const { path, why } = fault;
  return new SlipwayError({
    code: "SLIPWAY_KUBECONFIG_INVALID",
    what: `the kubeconfig ${path} cannot be used`,
    why,
    fix: `take it out of the way and have a new one made: ${moveCommand(path)}; slipway init`,
  });
}
