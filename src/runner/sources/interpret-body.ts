import type { RefusedManifest } from "../../control/protocol.ts";
import { ANNOTATIONS } from "../../core/constants.ts";
import { describeFinding } from "../../pod/decode-manifest.ts";
import { defaultPod } from "../../pod/default-pod.ts";
import { parsePodBody } from "../../pod/parse-static-pod.ts";
import type { DesiredPod } from "../types.ts";
import type { Found } from "./snapshot-teller.ts";

/** Remembers a URL's last answer and its last good pods. */
export interface BodyInterpreter {
  /** What is known before the first answer: the pods that an earlier runner ran. */
  known(): Found;
  /** An answer to the pods that should run; one that cannot be used keeps the last good ones. */
  interpret(text: string, seenAt: string): Found;
  /** There was no answer. */
  unreachable(why: string): Found;
}

/** What an interpreter is made from. */
export interface BodyInterpreterOptions {
  /** What pods of this URL name as their place. */
  readonly origin: string;
  readonly nodeName: string;
  readonly badManifest: "keep" | "remove";
  readonly known: readonly DesiredPod[];
  readonly onWarning: (message: string) => void;
}

/**
 * An answer that is the same as the last one is not read again; after an empty one it is.
 * Source: kubelet config/http.go extractFromURL.
 */
export function createBodyInterpreter(options: BodyInterpreterOptions): BodyInterpreter {
  const { origin } = options;
  let found: Found = { pods: options.known.filter(isFromUrl), refused: [] };
  let lastText: string | undefined;

  const refuse = (problem: Pick<RefusedManifest, "code" | "message">, pods = found.pods): Found => {
    found = { pods, refused: [{ origin, ...problem, keepsLastGood: pods.length > 0 }] };
    return found;
  };
  const read = (text: string, seenAt: string): Found => {
    const parsed = parsePodBody({ text, origin, nodeName: options.nodeName });
    for (const warning of parsed.warnings) options.onWarning(describeFinding(warning));
    if (parsed.kind === "refused") return refuse(parsed);
    const { nodeName } = options;
    const pods = parsed.manifests.map((manifest) => ({
      origin,
      pod: defaultPod({ manifest, nodeName, origin, source: "http", seenAt }),
    }));
    found = { pods, refused: [] };
    return found;
  };
  return {
    known: () => found,
    interpret: (text, seenAt) => {
      if (text === lastText) return found;
      lastText = text;
      if (text !== "") return read(text, seenAt);
      const message = `${origin}: the answer is empty; a PodList without items removes the pods`;
      return refuse(
        { code: "SLIPWAY_MANIFEST_INVALID", message },
        options.badManifest === "remove" ? [] : found.pods,
      );
    },
    unreachable: (why) => {
      lastText = undefined;
      return refuse({ code: "SLIPWAY_MANIFEST_UNREACHABLE", message: `${origin}: ${why}` });
    },
  };
}

function isFromUrl({ pod }: DesiredPod): boolean {
  return pod.metadata.annotations?.[ANNOTATIONS.configSource] === "http";
}
