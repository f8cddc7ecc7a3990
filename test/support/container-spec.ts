import type { ContainerSpec } from "../../src/runtime/types.ts";

/** The spec of the first run of a container `main` that sleeps; `change` says what is different. */
export function buildContainerSpec(change: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    podUid: "uid-1",
    podName: "web",
    podNamespace: "default",
    containerName: "main",
    attempt: 0,
    image: "example.org/program:1",
    command: ["sleep", "1000"],
    args: [],
    workingDir: undefined,
    env: {},
    logPath: "/nowhere/logs/default_web_uid-1/main/0.log",
    logLinkPrefix: "/nowhere/links/web_default_main",
    graceSeconds: 1,
    oomScoreAdjust: undefined,
    annotations: {},
    ...change,
  };
}
