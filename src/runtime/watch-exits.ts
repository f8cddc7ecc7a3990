import { messageOf } from "../core/errors.ts";
import type { System } from "../system/system.ts";
import type { Container } from "./container.ts";

/** Exits are told by inotify; this is for shims that were killed and events that were lost. */
const POLL_MS = 1_000;

/** Looks for exits: at each event in the directory where they are written, and at all that run once a second. */
export function watchExits(
  system: System,
  options: { readonly exitsDir: string; readonly containers: ReadonlyMap<string, Container> },
): { readonly close: () => void } {
  const { containers } = options;
  const watch = system.fs.watch(options.exitsDir, {
    onChange: (name) => {
      const container = containers.get(name ?? "");
      if (container !== undefined) void checkSafely(system, { container, how: "checkExit" });
    },
    onError: (error) =>
      system.log.warn("cannot watch for exits; they are told within a second", { error: messageOf(error) }),
  });
  let closed = false;
  let cancel = (): void => undefined;
  const poll = async (): Promise<void> => {
    for (const container of containers.values()) await checkSafely(system, { container, how: "checkAlive" });
    if (!closed) cancel = system.clock.after(POLL_MS, () => void poll());
  };
  void poll();
  return {
    close: () => {
      closed = true;
      cancel();
      watch.close();
    },
  };
}

/** Looks at one container; a failure is logged, for the next look may succeed. */
export async function checkSafely(
  system: System,
  { container, how }: { readonly container: Container; readonly how: "checkExit" | "checkAlive" },
): Promise<void> {
  try {
    await container[how]();
  } catch (error) {
    system.log.error("cannot see to a container", {
      container: container.record.id,
      error: messageOf(error),
    });
  }
}
