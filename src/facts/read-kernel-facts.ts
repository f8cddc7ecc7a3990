import type { System } from "../system/system.ts";
import type { FactReader } from "./fact-reader.ts";
import { hasCapability } from "./has-capability.ts";
import type { InitFacts } from "./types.ts";

/** What /proc and /sys say of the kernel's settings. A missing file is an answer, not an unknown fact. */
export async function readKernelFacts(
  system: System,
  options: { readonly reader: FactReader },
): Promise<Pick<InitFacts, "swapOn" | "ipv4Forwarding" | "ipv6Forwarding" | "cgroup" | "canLowerOomScore">> {
  const { reader } = options;
  const text = (path: string): Promise<string | undefined> =>
    reader.read(path, { read: () => system.fs.readTextIfExists(path), fallback: undefined });
  const [swaps, ipv4, ipv6, mounts, status] = await Promise.all([
    text("/proc/swaps"),
    text("/proc/sys/net/ipv4/ip_forward"),
    text("/proc/sys/net/ipv6/conf/default/forwarding"),
    text("/proc/self/mounts"),
    text("/proc/self/status"),
  ]);
  return {
    swapOn: (swaps ?? "").trim().split("\n").length > 1,
    ipv4Forwarding: parseSwitch(ipv4),
    ipv6Forwarding: parseSwitch(ipv6),
    cgroup: parseCgroupKind(mounts ?? ""),
    canLowerOomScore: hasCapability(status ?? "", "CAP_SYS_RESOURCE"),
  };
}

/** Source: kubeadm app/preflight FileContentCheck: only the first byte counts. */
function parseSwitch(text: string | undefined): boolean | undefined {
  return text === undefined ? undefined : text.startsWith("1");
}

/** `hybrid` is v1 controllers beside a v2 tree, as systemd mounts them at /sys/fs/cgroup/unified. */
function parseCgroupKind(mounts: string): InitFacts["cgroup"] {
  const types = new Set(mounts.split("\n").map((line) => line.split(" ")[2]));
  if (types.has("cgroup")) return types.has("cgroup2") ? "hybrid" : "v1";
  return types.has("cgroup2") ? "v2" : "none";
}
