import { resolve } from "node:path";
import type { InitOptions } from "../commands/init/init-options.ts";
import type { ComponentSource } from "../components/types.ts";
import type { OutputFormat } from "./options.ts";

/** What commander makes of init's flags. Names are kubeadm's in camel case. */
export interface InitArguments {
  readonly root: string;
  readonly config?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly plan?: boolean;
  readonly printEffective?: boolean;
  /** Of a phase of add-ons: `--dry-run` by another name. */
  readonly printManifest?: boolean;
  readonly patches?: string;
  readonly profile?: string;
  readonly withProxyEnv?: boolean;
  readonly timings?: boolean;
  readonly outputDir?: string;
  readonly output: OutputFormat;
  readonly runtime?: "host" | "external";
  readonly components: ComponentSource;
  readonly componentDir?: string;
  readonly componentMirror?: string;
  readonly userKubeconfig?: boolean;
  readonly apiserverAdvertiseAddress?: string;
  readonly apiserverBindPort?: number;
  readonly apiserverCertExtraSans?: readonly string[];
  readonly certDir?: string;
  readonly controlPlaneEndpoint?: string;
  readonly ignorePreflightErrors?: readonly string[];
  readonly imageRepository?: string;
  readonly kubernetesVersion?: string;
  readonly nodeName?: string;
  readonly podNetworkCidr?: string;
  readonly serviceCidr?: string;
  readonly serviceDnsDomain?: string;
  readonly skipPhases?: readonly string[];
  readonly criSocket?: string;
  readonly featureGates?: Readonly<Record<string, boolean>>;
  readonly certificateKey?: string;
  readonly uploadCerts?: boolean;
  readonly addons?: boolean;
  readonly token?: string;
  readonly tokenTtl?: string;
  readonly skipTokenPrint?: boolean;
  readonly skipCertificateKeyPrint?: boolean;
  readonly kubeconfig?: string;
  readonly v?: number;
}

/** The command line of init as the command takes it. */
export function toInitOptions(options: InitArguments): InitOptions {
  return {
    root: options.root,
    configPath: options.config,
    flags: options,
    yes: options.yes === true,
    runtime: options.runtime,
    components:
      options.componentDir !== undefined && options.components === "auto" ? "dir" : options.components,
    componentDir: options.componentDir,
    componentMirror: options.componentMirror,
    userKubeconfig: options.userKubeconfig,
    uploadCerts: options.uploadCerts === true,
    addons: options.addons === true,
    verbosity: options.v ?? 0,
    withProxyEnv: options.withProxyEnv === true,
    skipTokenPrint: options.skipTokenPrint === true,
    skipCertificateKeyPrint: options.skipCertificateKeyPrint === true,
    kubeconfigPath: options.kubeconfig === undefined ? undefined : resolve(options.kubeconfig),
  };
}
