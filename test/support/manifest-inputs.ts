import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseInitConfig } from "../../src/config/parse-init-config.ts";
import { resolveInitConfig } from "../../src/config/resolve-init-config.ts";
import type { InitConfig } from "../../src/config/types.ts";
import { CONTROL_PLANE_COMPONENTS } from "../../src/core/constants.ts";
import type { ManifestTemplates } from "../../src/manifests/build-manifests.ts";

const [ETCD, API_SERVER, CONTROLLER_MANAGER, SCHEDULER] = CONTROL_PLANE_COMPONENTS;

/** The templates of the repository. */
export function readTemplateFiles(): ManifestTemplates {
  const read = (name: string): string =>
    readFileSync(join(import.meta.dirname, "../../templates", `${name}.yaml.hbs`), "utf8");
  return {
    [ETCD]: read(ETCD),
    [API_SERVER]: read(API_SERVER),
    [CONTROLLER_MANAGER]: read(CONTROLLER_MANAGER),
    [SCHEDULER]: read(SCHEDULER),
  };
}

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
