import type { Clock } from "./clock.ts";
import type { Exec } from "./exec.ts";
import type { FileSystem } from "./file-system.ts";
import type { Host } from "./host.ts";
import type { Log } from "./log.ts";
import type { Net } from "./net.ts";
import type { Random } from "./random.ts";

/** Everything that code may do to, or learn from, the machine. Passed first to whatever has effects. */
export interface System {
  readonly fs: FileSystem;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly net: Net;
  readonly random: Random;
  readonly host: Host;
  readonly log: Log;
}
