import { defaultPod } from "../../src/pod/default-pod.ts";
import { parseManifest } from "../../src/pod/parse-static-pod.ts";
import type { Pod } from "../../src/pod/types.ts";

/** A defaulted static pod named `web` with one container `web`; `spec` and `container` change it. */
export function buildPod(
  change: {
    readonly name?: string;
    readonly origin?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly spec?: Readonly<Record<string, unknown>>;
    readonly container?: Readonly<Record<string, unknown>>;
  } = {},
): Pod {
  const name = change.name ?? "web";
  const origin = change.origin ?? `/m/${name}.yaml`;
  const manifest = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: change.labels ?? {} },
    spec: { containers: [{ name: "web", image: "web:1", ...change.container }], ...change.spec },
  };
  const parsed = parseManifest({ text: JSON.stringify(manifest), origin });
  if (parsed.kind === "refused") throw new Error(parsed.message);
  return defaultPod({
    manifest: parsed.manifest,
    nodeName: "node-1",
    origin,
    source: "file",
    seenAt: "2026-11-22T17:00:00Z",
  });
}
