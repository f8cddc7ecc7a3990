import type { InitOptions } from "../../src/commands/init/init-options.ts";

/** What `slipway init --yes --runtime external --root ROOT` says: nothing is started and no binary is needed. */
export function sampleInitOptions(root: string, change: Partial<InitOptions> = {}): InitOptions {
  return {
    root,
    configPath: undefined,
    flags: {},
    yes: true,
    runtime: "external",
    uploadCerts: false,
    addons: false,
    verbosity: 0,
    withProxyEnv: false,
    skipTokenPrint: false,
    skipCertificateKeyPrint: false,
    kubeconfigPath: undefined,
    components: "auto",
    componentDir: undefined,
    componentMirror: undefined,
    userKubeconfig: undefined,
    ...change,
  };
}
