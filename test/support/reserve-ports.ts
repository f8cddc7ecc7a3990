import { randomInt } from "node:crypto";
import { createNet } from "../../src/system/net.ts";

/**
 * From and before. Below the range that the kernel takes ports of outgoing connections from: so they stay free until
 * used.
 */
const USUAL_RANGE = [20_000, 32_000] as const;

/**
 * As many ports as asked for, on which nobody listens now. No other test gets them as long as this process lives, in
 * whatever run on this machine: a plane's have to be free again after its reset, and when its runner is killed.
 */
export async function reservePorts(
  count: number,
  [from, before]: readonly [number, number] = USUAL_RANGE,
): Promise<readonly number[]> {
  const size = before - from;
  const first = randomInt(size);
  const ports: number[] = [];
  for (let step = 0; step < size && ports.length < count; step += 1) {
    const port = from + ((first + step) % size);
    if (await reserve(port)) ports.push(port);
  }
  if (ports.length < count) throw new Error(`fewer than ${count} ports from ${from} on are free`);
  return ports;
}

async function reserve(port: number): Promise<boolean> {
  const net = createNet();
  const claim = await net.claimName({ name: `slipway-test-port-${port}`, answer: String(process.pid) });
  if (claim.kind === "taken") return false;
  // The first is none where there is no IPv6.
  const problems = [
    await net.probeListen({ host: "::", port }),
    await net.probeListen({ host: "0.0.0.0", port }),
  ];
  return !problems.includes("EADDRINUSE");
}
