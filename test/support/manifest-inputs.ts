import { parseInitConfig } from "../../src/config/parse-init-config.ts";
import { resolveInitConfig } from "../../src/config/resolve-init-config.ts";
import type { InitConfig } from "../../src/config/types.ts";

/** A configuration file's text as init would use it on a machine without addresses, under a root. */
export function resolveText(text: string | undefined, root = "/"): InitConfig {
  return resolveInitConfig({
    requested: parseInitConfig({ text, path: "input.yaml" }).config,
    root,
    hostName: "node01",
    addresses: [],
    defaultRouteInterfaces: [],
  }).config;
}
