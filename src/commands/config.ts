import { resolve } from "node:path";
import { EXAMPLE_TOKEN } from "../config/bootstrap-tokens.ts";
import { buildKubeletDocument, buildKubeProxyDocument } from "../config/component-defaults.ts";
import { buildClusterDocument, buildInitDocument, buildSlipwayDocument } from "../config/config-documents.ts";
import { buildDefaultDocument, type DefaultsKind } from "../config/default-documents.ts";
import { inspectInitConfig, parseInitConfig } from "../config/parse-init-config.ts";
import { API_VERSIONS, type ConfigDocuments, readDocuments } from "../config/read-documents.ts";
import { resolveInitConfig } from "../config/resolve-init-config.ts";
import type { InitConfig, RequestedConfig } from "../config/types.ts";
import { upgradeDocuments } from "../config/upgrade-documents.ts";
import { type ValidatedConfig, validateConfig } from "../config/validate-config.ts";
import { describeFileError } from "../core/errors.ts";
import { formatYaml, formatYamlStream } from "../core/yaml.ts";
import type { System } from "../system/system.ts";
import { checkKubeletDocument } from "./check-kubelet-document.ts";
import { readConfig } from "./read-config.ts";
import { writeNamedFile } from "./write-named-file.ts";

/** The components whose configuration can stand in the same file. */
const COMPONENT_KINDS = ["KubeletConfiguration", "KubeProxyConfiguration"] as const;

export type ComponentKind = (typeof COMPONENT_KINDS)[number];

/** The text of the defaults of another command than init, with kubeadm's examples for what has none. */
export function runPrintOtherDefaults(system: System, kind: DefaultsKind): string {
  return formatYaml(buildDefaultDocument(kind, { hostName: system.host.hostName() }));
}

/**
 * The text of init's defaults, with the examples for what has none that kubeadm gives. Source: kubeadm util/config
 * DefaultedStaticInitConfiguration.
 */
export function runPrintDefaults(options: { readonly componentConfigs: readonly ComponentKind[] }): string {
  const { config } = resolveInitConfig({
    requested: parseInitConfig({ text: undefined, flags: { apiserverAdvertiseAddress: "1.2.3.4" } }).config,
    root: "/",
    hostName: "node",
    addresses: [],
    defaultRouteInterfaces: [],
  });
  const [token] = config.bootstrapTokens;
  const { groups, usages } = token ?? {};
  const { nodeRegistration, ...init } = buildInitDocument(config);
  const example = [{ groups, token: EXAMPLE_TOKEN, ttl: "24h0m0s", usages }];
  return formatYamlStream([
    { ...init, bootstrapTokens: example, nodeRegistration: { ...Object(nodeRegistration), taints: null } },
    buildClusterDocument(config),
    ...options.componentConfigs.map((kind) => COMPONENT_BUILDERS[kind](config)),
  ]);
}

const COMPONENT_BUILDERS = {
  KubeletConfiguration: buildKubeletDocument,
  KubeProxyConfiguration: buildKubeProxyDocument,
} as const satisfies Record<ComponentKind, (config: InitConfig) => unknown>;

/**
 * What a configuration, flags and the machine come to: four documents. Tokens and the certificate key are left out,
 * so that the text can be shown to anyone.
 */
export function formatEffective(config: InitConfig): string {
  const bootstrapTokens = config.bootstrapTokens.map((token) => ({ ...token, token: undefined }));
  return formatYamlStream([
    buildInitDocument({ ...config, bootstrapTokens, certificateKey: undefined }),
    buildClusterDocument(config),
    buildKubeletDocument(config),
    buildKubeProxyDocument(config),
    ...(config.profile === "default" ? [] : [buildSlipwayDocument(config)]),
  ]);
}

/** Checks every document of a file. Raises SLIPWAY_CONFIG_UNREADABLE, SLIPWAY_CONFIG_INVALID. */
export async function runConfigValidate(
  system: System,
  options: { readonly path: string },
): Promise<ValidatedConfig> {
  const source = { text: await readConfig(system, options.path), path: options.path };
  const validated = validateConfig(source);
  await checkKubeletDocument(source);
  return validated;
}

/**
 * The text of a file in the newest version with all defaults; written to `newPath` when that is given. What only a
 * machine can tell, and tokens by chance, are left out, and documents of components are kept.
 * Raises what `runConfigValidate` raises, and SLIPWAY_FILE_ACCESS.
 * Source: kubeadm util/config/common.go MigrateOldConfig.
 */
export async function runConfigMigrate(
  system: System,
  options: { readonly oldPath: string; readonly newPath: string | undefined },
): Promise<string> {
  const { oldPath, newPath } = options;
  const text = await readConfig(system, oldPath);
  validateConfig({ text, path: oldPath });
  const file = readDocuments(text);
  const migrated = formatYamlStream(
    buildMigrated(file, inspectInitConfig({ text, path: oldPath }, file).config),
  );
  if (newPath === undefined) return migrated;
  try {
    await writeNamedFile(system, { path: resolve(newPath), data: migrated, mode: 0o644 });
  } catch (error) {
    throw describeFileError(error, { action: "write the configuration to", path: newPath });
  }
  return "";
}

/** The kinds that are passed on as they are; the first three in this version's words. */
const PASSED_ON = [
  "JoinConfiguration",
  "ResetConfiguration",
  "UpgradeConfiguration",
  "SlipwayConfiguration",
  ...COMPONENT_KINDS,
] as const;

function buildMigrated(file: ConfigDocuments, config: RequestedConfig): readonly unknown[] {
  const values = Object.fromEntries(
    Object.entries(file.documents).map(([kind, document]) => [kind, document?.value]),
  );
  const upgraded = upgradeDocuments(values, file.old).values;
  const hasInit = (file.documents.InitConfiguration ?? file.documents.ClusterConfiguration) !== undefined;
  const others = PASSED_ON.filter((kind) => upgraded[kind] !== undefined);
  return [
    ...(hasInit ? [buildInitDocument(config), buildClusterDocument(config)] : []),
    ...others.map((kind) => ({
      ...Object(upgraded[kind]),
      apiVersion: API_VERSIONS[kind],
    })),
  ];
}
