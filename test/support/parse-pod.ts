import { type ParsedManifest, parseManifest } from "../../src/pod/parse-static-pod.ts";
import type { PodManifest } from "../../src/pod/types.ts";
import { POD } from "./manifest-corpus/plain-pod.ts";

/** A manifest that says no more than it has to; lines that are added go on with its container or its `spec`. */
export const MINIMAL = `\n${POD}`;

/** What a manifest of the file `/m/web.yaml` is. */
export function parse(text: string): ParsedManifest {
  return parseManifest({ text, origin: "/m/web.yaml" });
}

/** The pod of a manifest that has to be accepted. */
export function parsePod(text: string): PodManifest {
  const result = parse(text);
  if (result.kind === "refused") throw new Error(result.message);
  return result.manifest;
}

/** Why a manifest was refused; empty: it was not. */
export function messageOf(result: ParsedManifest): string {
  return result.kind === "refused" ? result.message : "";
}
