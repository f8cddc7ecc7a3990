import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createHostRuntime } from "../../src/runtime/create-host-runtime.ts";
import type { ContainerSpec, Runtime, RuntimeContainer } from "../../src/runtime/types.ts";
import { createSystem } from "../../src/system/create-system.ts";
import type { LogFields } from "../../src/system/log.ts";
import type { System } from "../../src/system/system.ts";
import { buildContainerSpec } from "./container-spec.ts";

const PROGRAMS = resolve(import.meta.dirname, "../fixtures/programs");

/** The path of a fixture program. */
export function programPath(name: string): string {
  return join(PROGRAMS, name);
}

/** A host runtime over a temp dir of its own, that can be closed and opened again. */
export interface RuntimeFixture {
  readonly dir: string;
  readonly containersDir: string;
  readonly warnings: readonly string[];
  /** Opens a (further) runtime over the same directory. */
  open(options?: {
    readonly system?: Partial<System>;
    readonly maxSizeBytes?: number;
    readonly maxFiles?: number;
  }): Promise<Runtime>;
  spec(change?: Partial<ContainerSpec>): ContainerSpec;
  /** Stops and removes what is left, then the directory. */
  cleanUp(): Promise<void>;
}

export function createRuntimeFixture(): RuntimeFixture {
  const dir = mkdtempSync(join(tmpdir(), "slipway-runtime-"));
  const containersDir = join(dir, "containers");
  const warnings: string[] = [];
  const opened: Runtime[] = [];
  const warn = (message: string, fields?: LogFields): void => {
    warnings.push(`${message} ${JSON.stringify(fields ?? {})}`);
  };
  const log = { error: warn, warn, info: () => undefined, debug: () => undefined };
  const open: RuntimeFixture["open"] = async (options = {}) => {
    const runtime = await createHostRuntime(
      { ...createSystem({ log }), ...options.system },
      {
        containersDir,
        logs: { maxSizeBytes: options.maxSizeBytes ?? 10 * 1024 * 1024, maxFiles: options.maxFiles ?? 5 },
        locateImage: () => Promise.resolve(undefined),
        version: "0.0.0",
      },
    );
    opened.push(runtime);
    return runtime;
  };
  return {
    dir,
    containersDir,
    warnings,
    open,
    spec: (change = {}) =>
      buildContainerSpec({
        logPath: join(dir, "logs/default_web_uid-1/main/0.log"),
        logLinkPrefix: join(dir, "links/web_default_main"),
        ...change,
      }),
    cleanUp: async () => {
      for (const runtime of opened) await runtime.close();
      const last = await open();
      for (const { id } of await last.list()) {
        await last.stop(id, { graceSeconds: 0 });
        await last.remove(id);
      }
      await last.close();
      rmSync(dir, { recursive: true });
    },
  };
}

/** Resolves with the container when it ends. */
export function whenEnded(runtime: Runtime, id: string): Promise<RuntimeContainer> {
  return new Promise((resolveEnded) => {
    runtime.onExit((container) => container.id === id && resolveEnded(container));
    void runtime.list().then((containers) => {
      const found = containers.find((container) => container.id === id && container.state.kind === "exited");
      if (found !== undefined) resolveEnded(found);
    });
  });
}

/** The messages of one stream in a CRI log, parts put together. */
export function readMessages(logPath: string, stream: "stdout" | "stderr"): readonly string[] {
  const messages: string[] = [];
  let open = "";
  for (const line of readFileSync(logPath, "utf8").split("\n")) {
    const match = /^\S+ (stdout|stderr) ([FP]) (.*)$/.exec(line);
    if (match?.[1] !== stream) continue;
    open += match[3] ?? "";
    if (match[2] === "F") {
      messages.push(open);
      open = "";
    }
  }
  return messages;
}
