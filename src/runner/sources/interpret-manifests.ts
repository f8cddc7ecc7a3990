import type { RefusedManifest } from "../../control/protocol.ts";
import { describeFinding } from "../../pod/decode-manifest.ts";
import { defaultPod } from "../../pod/default-pod.ts";
import { parseManifest } from "../../pod/parse-static-pod.ts";
import type { DesiredPod, SourceSnapshot } from "../types.ts";
import type { ManifestFile } from "./read-manifest-files.ts";

/** Remembers each file's last text and last good pod, so that an unchanged file is parsed once. */
export interface ManifestInterpreter {
  /** Files as they are, whole, to the pods that should run; a file that went bad keeps its last good pod. */
  interpret(files: readonly ManifestFile[], seenAt: string): Omit<SourceSnapshot, "source">;
}

interface Remembered {
  readonly text: string | undefined;
  readonly lastGood: DesiredPod | undefined;
  readonly refused: RefusedManifest | undefined;
}

/** `known` are pods that an earlier runner ran: they are the last good ones of their files. */
export function createManifestInterpreter(options: {
  readonly nodeName: string;
  /** `remove`: a file that went bad keeps nothing, as in a kubelet's directory. */
  readonly badManifest: "keep" | "remove";
  readonly known: readonly DesiredPod[];
  readonly onWarning: (origin: string, message: string) => void;
}): ManifestInterpreter {
  const { nodeName } = options;
  let remembered = new Map<string, Remembered>(
    options.known.map((entry) => [entry.origin, { text: undefined, lastGood: entry, refused: undefined }]),
  );

  const interpretFile = (file: ManifestFile, seenAt: string): Remembered => {
    const before = remembered.get(file.path);
    const { content } = file;
    const isKept = options.badManifest === "keep" && content.kind !== "dangling";
    const lastGood = isKept ? before?.lastGood : undefined;
    const refuse = (
      problem: { readonly code: string; readonly message: string },
      text?: string,
    ): Remembered => ({
      text,
      lastGood,
      refused: { origin: file.path, ...problem, keepsLastGood: lastGood !== undefined },
    });
    if (content.kind === "dangling")
      return refuse({ code: "SLIPWAY_MANIFEST_INVALID", message: content.message });
    if (content.kind === "problem") return refuse({ code: "SLIPWAY_FILE_ACCESS", message: content.message });
    if (before?.text === content.text) return before;
    const parsed = parseManifest({ text: content.text, origin: file.path, nodeName });
    for (const warning of parsed.warnings) options.onWarning(file.path, describeFinding(warning));
    if (parsed.kind === "refused") {
      return refuse({ code: parsed.code, message: parsed.message }, content.text);
    }
    const { manifest } = parsed;
    const pod = defaultPod({ manifest, nodeName, origin: file.path, source: "file", seenAt });
    return { text: content.text, lastGood: { pod, origin: file.path }, refused: undefined };
  };
  return {
    interpret: (files, seenAt) => {
      remembered = new Map(files.map((file) => [file.path, interpretFile(file, seenAt)]));
      const entries = [...remembered.values()];
      return {
        pods: entries.flatMap((entry) => entry.lastGood ?? []),
        refused: entries.flatMap((entry) => entry.refused ?? []),
      };
    },
  };
}
