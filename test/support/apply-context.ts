import type { ApplyContext } from "../../src/apply/step-handler.ts";
import { buildPaths } from "../../src/core/paths.ts";

/** What steps need beside themselves; nothing was made by us before. */
export function sampleApplyContext(root: string, changes: Partial<ApplyContext> = {}): ApplyContext {
  return {
    paths: buildPaths({ root, uid: 0 }),
    isOurs: () => false,
    isNewCluster: false,
    apiClient: async () => {
      throw new Error("no step asks the API here");
    },
    standbyRunner: async () => {
      throw new Error("no step starts a runner here");
    },
    secrets: { tokens: [], certificateKey: "0".repeat(64) },
    onToken: () => undefined,
    onWait: () => undefined,
    signal: new AbortController().signal,
    ...changes,
  };
}
