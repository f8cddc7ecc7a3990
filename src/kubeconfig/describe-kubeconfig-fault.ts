import { SlipwayError } from "../core/errors.ts";

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
    fix: `take it out of the way and have a new one made: mv ${path} ${path}.old; slipway init`,
  });
}
