import { randomBytes } from "node:crypto";
import { execa } from "execa";

/** A host of its own, as far as the network goes: a loopback and one address that the other host reaches. */
export interface NetworkHost {
  readonly address: string;
  /** The words before a command that is to run there. */
  readonly enter: readonly string[];
}

/** Two hosts with a cable between them, and nothing else: no other network is there. Needs root. */
export async function createNetworkHosts(): Promise<{
  readonly first: NetworkHost;
  readonly second: NetworkHost;
  destroy(): Promise<void>;
}> {
  const id = randomBytes(3).toString("hex");
  const hosts = ["a", "b"].map((letter, index) => ({
    name: `slipway-${id}-${letter}`,
    device: `sl${id}${letter}`,
    address: `10.77.5.${index + 1}`,
  }));
  const [a, b] = hosts;
  if (a === undefined || b === undefined) throw new Error("two hosts were named");
  for (const { name } of hosts) await execa("ip", ["netns", "add", name]);
  await execa("ip", [
    ...["link", "add", a.device, "netns", a.name],
    ...["type", "veth", "peer", "name", b.device, "netns", b.name],
  ]);
  const toHost = ({ name, address }: (typeof hosts)[number]): NetworkHost => ({
    address,
    enter: ["nsenter", `--net=/var/run/netns/${name}`, "--"],
  });
  for (const host of hosts) {
    const [program = "", ...words] = toHost(host).enter;
    const ip = (...args: readonly string[]) => execa(program, [...words, "ip", ...args]);
    await ip("addr", "add", `${host.address}/24`, "dev", host.device);
    await ip("link", "set", host.device, "up");
    await ip("link", "set", "lo", "up");
    await ip("route", "add", "default", "dev", host.device);
  }
  return {
    first: toHost(a),
    second: toHost(b),
    destroy: async () => {
      for (const { name } of hosts) await execa("ip", ["netns", "delete", name]);
    },
  };
}
