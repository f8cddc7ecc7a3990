import { join } from "node:path";
import * as v from "valibot";
import { messageOf } from "../../core/errors.ts";
import { canonicalJson } from "../../core/json.ts";
import { parseOwnJson } from "../../runtime/own-json.ts";
import type { System } from "../../system/system.ts";

const portSchema = v.object({ name: v.string(), protocol: v.string(), port: v.number() });

const serviceSchema = v.object({
  namespace: v.string(),
  name: v.string(),
  /** Empty or `None` for a Service without an address of its own. */
  clusterIP: v.string(),
  ports: v.pipe(v.array(portSchema), v.readonly()),
});

/** What a container may be told of a Service. */
export type ServiceFacts = Readonly<v.InferOutput<typeof serviceSchema>>;

/** The Services that a container that starts now is told of. */
export interface KnownServices {
  list(): readonly ServiceFacts[];
  /** All Services of the cluster, as the API server has them now. */
  replace(services: readonly ServiceFacts[]): void;
  /** Writes what is still to be written. */
  close(): Promise<void>;
}

/** Without a cluster there are none. */
export const NO_SERVICES: KnownServices = {
  list: () => [],
  replace: () => undefined,
  close: () => Promise.resolve(),
};

/** Ours: Services change seldom, and what is lost with a killed runner the API server tells again. */
const SAVE_DELAY_MS = 1_000;

/**
 * The Services of the cluster, at first those that an earlier runner knew: nothing waits for the API server, which may
 * be one of the pods, and after a boot every pod starts before it answers. The kubelet then leaves their variables out;
 * with the ones of before a container has the same environment at each start. None is known before the first answer.
 */
export async function openKnownServices(
  system: Pick<System, "clock" | "fs" | "log">,
  paths: { readonly stateDir: string },
): Promise<KnownServices> {
  const path = servicesPath(paths);
  let services = parseServices((await system.fs.readTextIfExists(path)) ?? "");
  let cancel: (() => void) | undefined;
  let writing: Promise<void> = Promise.resolve();
  const write = async (): Promise<void> => {
    if (cancel === undefined) return;
    cancel();
    cancel = undefined;
    try {
      await system.fs.writeAtomic(path, { data: JSON.stringify(services), mode: 0o600, durable: false });
    } catch (error) {
      system.log.warn("cannot save the cluster's Services", { path, error: messageOf(error) });
    }
  };
  const flush = (): Promise<void> => {
    writing = writing.then(write);
    return writing;
  };
  return {
    list: () => services,
    replace: (fresh) => {
      if (canonicalJson(fresh) === canonicalJson(services)) return;
      services = fresh;
      cancel ??= system.clock.after(SAVE_DELAY_MS, () => void flush());
    },
    close: flush,
  };
}

/** Where they are written down. */
export function servicesPath({ stateDir }: { readonly stateDir: string }): string {
  return join(stateDir, "services.json");
}

/** None when a power cut has left something else. */
function parseServices(text: string): readonly ServiceFacts[] {
  const { success, output } = v.safeParse(v.array(serviceSchema), parseOwnJson(text));
  return success ? output : [];
}
