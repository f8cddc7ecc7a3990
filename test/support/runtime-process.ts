import { createHostRuntime } from "../../src/runtime/create-host-runtime.ts";
import { createSystem } from "../../src/system/create-system.ts";

/**
 * A runtime in a process of its own, to be killed: `node <bundle> <containers dir> <max log size>` follows what it
 * finds and says `ready`, then reads one line of JSON, a container spec to start, and says `started`.
 */
const [containersDir = "", maxSizeBytes = ""] = process.argv.slice(2);
const say = (text: string): boolean => process.stdout.write(`${text}\n`);
const warn = (message: string): boolean => process.stderr.write(`${message}\n`);
const system = createSystem({ log: { error: warn, warn, info: () => undefined, debug: () => undefined } });
const runtime = await createHostRuntime(system, {
  containersDir,
  logs: { maxSizeBytes: Number(maxSizeBytes), maxFiles: 1000 },
  locateImage: () => Promise.resolve(undefined),
  version: "0.0.0",
});
say("ready");
process.stdin.on("data", async (text) => {
  await runtime.start(JSON.parse(text.toString()));
  say("started");
});
