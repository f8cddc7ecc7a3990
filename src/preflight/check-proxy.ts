import { cidrContains, nthAddress, parseCidr, parseCidrs, parseIpAddress } from "../core/cidr.ts";
import type { InitFacts } from "../facts/types.ts";
import { type InitCheck, warningFinding } from "./init-check.ts";

/**
 * Whether the advertise address, and the service and pod networks (judged by their first address), would be reached
 * over a proxy: the components inherit these variables. Source: kubeadm app/preflight HTTPProxyCheck, HTTPProxyCIDRCheck.
 */
export const checkProxy: InitCheck = ({ config, facts }) => {
  const variable = facts.proxyVariables.find((name) => name.toUpperCase() === "HTTPS_PROXY");
  if (variable === undefined) return [];
  const { serviceSubnet, podSubnet } = config.cluster;
  const networks = [serviceSubnet, podSubnet]
    .flatMap((list) => list.split(","))
    .filter((text) => text !== "");
  const targets = [
    { name: "HTTPProxy", written: config.advertiseAddress, address: config.advertiseAddress },
    ...networks.map((written) => ({ name: "HTTPProxyCIDR", written, address: firstAddress(written) })),
  ];
  return targets
    .filter(({ address }) => address !== undefined && !bypassesProxy(facts, address))
    .map(({ name, written }) =>
      warningFinding(name, {
        what: `${variable} is set and NO_PROXY does not have ${written}`,
        why: "requests to the cluster would go to the proxy",
        fix: `export NO_PROXY="$NO_PROXY,${written}"`,
      }),
    );
};

function firstAddress(network: string): string | undefined {
  const cidr = parseCidrs(network)?.[0];
  return cidr === undefined ? undefined : nthAddress(cidr, 1);
}

/** For an IP address. Source: golang.org/x/net/http/httpproxy useProxy: loopback never; `*`, addresses and networks. */
function bypassesProxy(facts: Pick<InitFacts, "noProxy">, text: string): boolean {
  const address = parseIpAddress(text);
  if (address === undefined) return true;
  return ["127.0.0.0/8", "::1/128", ...facts.noProxy].some((entry) => {
    if (entry === "*") return true;
    const bits = address.family === "IPv4" ? 32 : 128;
    const network = parseCidr(entry.includes("/") ? entry : `${entry}/${bits}`);
    return network !== undefined && cidrContains(network, address);
  });
}
