import { messageOf } from "../core/errors.ts";
import type { System } from "../system/system.ts";
import type { Container } from "./container.ts";

/** Exits are told by inotify; this is for shims that were killed and events that were lost. */
const POLL_MS = 1_000;

/**
 * So many polls at most until each container has been looked at thoroughly: for a pid that was given to another process,
 * or a zombie that nobody takes. Reading a process wakes Node five times, which was most of what an idle runner did.
 */
const POLLS_PER_ROUND = 60;

/** Looks for exits: at each event in the directory where they are written, and at all that run once a second. */
export function watchExits(
  system: System,
  options: { readonly exitsDir: string; readonly containers: ReadonlyMap<string, Container> },
): { readonly close: () => void } {
  const { containers } = options;
  const watch = system.fs.watch(options.exitsDir, {
    onChange: (name) => {
      const container = containers.get(name ?? "");
      if (container !== undefined)
        void checkSafely(system, { container, check: () => container.checkExit() });
    },
    onError: (error) =>
      system.log.warn("cannot watch for exits; they are told within a second", { error: messageOf(error) }),
  });
  let closed = false;
  let cancel = (): void => undefined;
  let turn = 0;
  const poll = async (): Promise<void> => {
    const all = [...containers.values()];
    const looks = 1 + Math.ceil(all.length / POLLS_PER_ROUND);
    for (const [index, container] of all.entries()) {
      const thorough = (index - turn + all.length) % all.length < looks;
      await checkSafely(system, { container, check: () => container.checkAlive({ thorough }) });
    }
    turn = all.length === 0 ? 0 : (turn + looks) % all.length;
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

/** Looks at a container; a failure is logged, for the next look may succeed. */
export async function checkSafely(
  system: System,
  { container, check }: { readonly container: Container; readonly check: () => Promise<void> },
): Promise<void> {
  try {
    await check();
  } catch (error) {
    system.log.error("cannot see to a container", {
      container: container.record.id,
      error: messageOf(error),
    });
  }
}
