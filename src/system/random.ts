import { randomBytes, randomUUID } from "node:crypto";

/** Unpredictable values. */
export interface Random {
  bytes(count: number): Buffer;
  uuid(): string;
  /** `count` bytes as lower-case hex. */
  hex(count: number): string;
  /** A number in [0, 1), for jitter. */
  fraction(): number;
}

/** The machine's random source. */
export function createRandom(): Random {
  return {
    bytes: (count) => randomBytes(count),
    uuid: () => randomUUID(),
    hex: (count) => randomBytes(count).toString("hex"),
    fraction: () => Math.random(),
  };
}
