import type { ApplyContext } from "../apply/step-handler.ts";

/** What steps need to be looked at: who only looks makes nothing and asks nobody. */
export function lookingContext(places: Pick<ApplyContext, "paths" | "isOurs">): ApplyContext {
  return {
    ...places,
    isNewCluster: false,
    standbyRunner: () => Promise.reject(new Error("who looks starts no runner")),
    apiClient: () => Promise.reject(new Error("who looks asks no API server")),
    secrets: { tokens: [], certificateKey: "" },
    onToken: () => undefined,
    onWait: () => undefined,
    signal: new AbortController().signal,
  };
}
