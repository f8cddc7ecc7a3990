import { parseInitConfig } from "../../src/config/parse-init-config.ts";
import type { ClusterSettings, InitConfig } from "../../src/config/types.ts";

/** The defaults on the machine 10.77.0.1 named node01, with a pod network and changes. */
export function sampleInitConfig(
  changes: Partial<Omit<InitConfig, "cluster">> & { readonly cluster?: Partial<ClusterSettings> } = {},
): InitConfig {
  const { cluster, ...others } = changes;
  const { config } = parseInitConfig({ text: undefined });
  return {
    ...config,
    root: "/",
    advertiseAddress: "10.77.0.1",
    nodeName: "node01",
    taints: [],
    externalAuthorities: [],
    etcdAccount: undefined,
    ...others,
    cluster: { ...config.cluster, podSubnet: "10.244.0.0/16", ...cluster },
  };
}
