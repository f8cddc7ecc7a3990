import { createClock } from "./clock.ts";
import { createExec } from "./exec.ts";
import { createFileSystem } from "./file-system.ts";
import { createHost } from "./host.ts";
import type { Log } from "./log.ts";
import { createNet } from "./net.ts";
import { createRandom } from "./random.ts";
import type { System } from "./system.ts";

/** The real machine. */
export function createSystem(options: { readonly log: Log }): System {
  return {
    fs: createFileSystem(),
    exec: createExec(),
    clock: createClock(),
    net: createNet(),
    random: createRandom(),
    host: createHost(),
    log: options.log,
  };
}
