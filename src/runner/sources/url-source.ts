import { messageOf } from "../../core/errors.ts";
import { redactUrl } from "../../core/redact.ts";
import type { System } from "../../system/system.ts";
import type { DesiredPod, SourceSnapshot } from "../types.ts";
import { createWakeLoop } from "../wake-loop.ts";
import type { PodSource } from "./directory-source.ts";
import { fetchManifests } from "./fetch-manifests.ts";
import { createBodyInterpreter } from "./interpret-body.ts";
import { createTeller } from "./snapshot-teller.ts";

/** What a URL source is made from. */
export interface UrlSourceOptions {
  readonly url: string;
  /** Values may be secrets: they are sent, and told nowhere. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly nodeName: string;
  readonly checkEveryMs: number;
  /** `remove`: an empty answer removes the pods, as in the kubelet. */
  readonly badManifest: "keep" | "remove";
  /** Pods that run already, from this source or another. */
  readonly known: readonly DesiredPod[];
  readonly onSnapshot: (snapshot: SourceSnapshot) => void;
}

/** Source: kubelet config/http.go run: the first failures are told, then only that it works again. */
const TOLD_FAILURES = 3;

/**
 * Asks a URL for a Pod or a PodList again and again and tells its pods, whole, whenever they have changed. What does
 * not answer, or answers with nothing that can be run, changes nothing; a PodList without items removes the pods.
 * What runs already is told at once, so that a URL that hangs keeps no other source waiting.
 * Source: kubelet config/http.go.
 */
export function createUrlSource(
  system: Pick<System, "fs" | "net" | "clock" | "log" | "host">,
  options: UrlSourceOptions,
): PodSource {
  const origin = redactUrl(options.url);
  const abort = new AbortController();
  const tell = createTeller("http", options.onSnapshot);
  const interpreter = createBodyInterpreter({
    ...options,
    origin,
    onWarning: (message) => system.log.warn("manifest has an oddity", { origin, what: message }),
  });
  let failures = 0;

  const answered = (): void => {
    if (failures > 0) system.log.info("the manifest URL can be read again", { origin });
    failures = 0;
  };
  const failed = (why: string): void => {
    failures += 1;
    if (failures > TOLD_FAILURES) return;
    const silence = failures === TOLD_FAILURES ? "; it is not told again until that changes" : "";
    system.log.warn(`the manifest URL cannot be read; its pods stay as they are${silence}`, { origin, why });
  };
  const look = async (): Promise<void> => {
    try {
      const text = await fetchManifests(system, { ...options, signal: abort.signal });
      answered();
      tell(interpreter.interpret(text, new Date(system.clock.nowMs()).toISOString()));
    } catch (error) {
      if (abort.signal.aborted) return;
      failed(messageOf(error));
      tell(interpreter.unreachable(messageOf(error)));
    }
  };
  const loop = createWakeLoop(system, async () => {
    await look();
    return { wakeAtMs: system.clock.nowMs() + options.checkEveryMs, ended: false };
  });
  tell(interpreter.known());
  loop.wake();
  return {
    reload: () => loop.wake(),
    close: async () => {
      abort.abort();
      await loop.close();
    },
  };
}
