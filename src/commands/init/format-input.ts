import { pickRecordedFlags } from "../../apply/ledger.ts";
import { quoteShown } from "../../core/quote-shell.ts";
import type { InitOptions } from "./init-options.ts";

/**
 * The words after `slipway init` that shape its plan, answers among them, as a shell reads them. Without tokens and keys,
 * and without `--root` and `--config`, which every hint is given.
 */
export function formatInput(options: InitOptions): string {
  const { flags, runtime, componentDir, withProxyEnv, uploadCerts, addons, userKubeconfig } = options;
  const { ignorePreflightErrors: _, ...shaping } = pickRecordedFlags(flags);
  const values = {
    ...shaping,
    skipPhases: flags.skipPhases,
    runtime: runtime === "external" ? runtime : undefined,
    componentDir,
  };
  const switches = { withProxyEnv, uploadCerts, addons, userKubeconfig };
  return [
    ...Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : formatFlag(name, value),
    ),
    ...Object.entries(switches).flatMap(([name, on]) => (on === true ? formatName(name) : [])),
  ].join(" ");
}

/** `--service-cidr 10.97.0.0/16`, from the name in camel case. */
export function formatFlag(name: string, value: unknown): string {
  const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
  const text = String(isMapping ? Object.entries(value).map(([key, part]) => `${key}=${part}`) : value);
  return `${formatName(name)} ${quoteShown(text)}`;
}

/** `--service-cidr` of `serviceCidr`. */
export function formatName(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
