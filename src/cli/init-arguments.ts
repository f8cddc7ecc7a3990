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
  readonly patches?: string;
  readonly withProxyEnv?: boolean;
  readonly timings?: boolean;
  readonly outputDir?: string;
  readonly output: OutputFormat;
  readonly runtime: "host" | "external";
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
