import { writeFile } from "node:fs/promises";
import { expect } from "vitest";
import { succeed, type TestPlane } from "./plane.ts";

/** What tests look at of a mirror pod. */
export interface Mirror {
  readonly metadata: {
    readonly uid: string;
    readonly generation: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly ownerReferences: readonly {
      readonly kind: string;
      readonly name: string;
      readonly uid: string;
    }[];
  };
  readonly spec: {
    readonly activeDeadlineSeconds?: number;
    readonly containers: readonly { readonly image: string }[];
    readonly initContainers?: readonly { readonly image: string }[];
  };
  readonly status: {
    readonly phase: string;
    readonly observedGeneration?: number;
    readonly conditions: readonly { readonly type: string; readonly observedGeneration?: number }[];
    readonly containerStatuses: readonly {
      readonly containerID: string;
      readonly ready: boolean;
      readonly restartCount: number;
    }[];
  };
}

/** For a file of tests: static pods in `default` on the node of a plane, and their mirrors in its API. */
export function createMirrorTrial(plane: () => TestPlane) {
  const manifestPath = (name: string): string => plane().path(`etc/kubernetes/manifests/${name}.yaml`);
  const mirror = async (name: string): Promise<Mirror | undefined> => {
    const text = await plane().kubectl("get", "pod", `${name}-node-a`, "--ignore-not-found", "-o", "json");
    return text === "" ? undefined : JSON.parse(text);
  };
  return {
    manifestPath,
    write: (name: string, text: string): Promise<void> => writeFile(manifestPath(name), text),
    mirror,
    /** A mirror whose status has reached the API, so that nothing of ours is under way. */
    settledMirror: async (name: string): Promise<Mirror | undefined> => {
      await expect.poll(async () => (await mirror(name))?.status.phase).toBe("Running");
      return mirror(name);
    },
    /** The UIDs of all mirrors of the node. */
    uids: (): Promise<string> => {
      const path = "jsonpath={.items[*].metadata.uid}";
      return plane().kubectl("get", "pods", "-A", "--field-selector", "spec.nodeName=node-a", "-o", path);
    },
    pidOf: async (name: string, namespace = "default"): Promise<number | undefined> => {
      const { items } = JSON.parse(succeed(await plane().slipway("ps", "-o", "json")));
      const found = items.find(
        ({ pod: { metadata } }: { pod: { metadata: { name: string; namespace: string } } }) =>
          metadata.name === `${name}-node-a` && metadata.namespace === namespace,
      );
      return found?.containers.at(-1)?.pid;
    },
    /** What a pod's container has written. */
    said: async (name: string): Promise<string> =>
      (await plane().slipway("logs", `${name}-node-a`, "-c", "main")).stdout,
  };
}

/** All generations that a mirror tells: its own, and what its status and conditions say to have observed. */
export function generations(found: Mirror | undefined): readonly (number | undefined)[] {
  const observed = [found?.status, ...(found?.status.conditions ?? [])].map(
    (one) => one?.observedGeneration ?? 0,
  );
  return [found?.metadata.generation, ...observed.filter((generation) => generation !== 0)];
}

/** `status reason` by type. */
export function conditionsOf(status: {
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
  }[];
}): Readonly<Record<string, string>> {
  return Object.fromEntries(status.conditions.map((one) => [one.type, `${one.status} ${one.reason}`]));
}

/** The manifest of a pod with an init container and a container `main`, which waits unless `command` is given. */
export function formatPod(
  name: string,
  change: {
    readonly image?: string;
    readonly init?: string;
    readonly activeDeadlineSeconds?: number;
    readonly command?: readonly string[];
    readonly enableServiceLinks?: boolean;
  } = {},
): string {
  const { image = "local/web:1", init = "local/init:1", command = ["sleep", "100000"] } = change;
  const { activeDeadlineSeconds, enableServiceLinks } = change;
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels: { app: name } },
    spec: {
      hostNetwork: true,
      terminationGracePeriodSeconds: 1,
      ...{ activeDeadlineSeconds, enableServiceLinks },
      initContainers: [{ name: "init", image: init, command: ["true"] }],
      containers: [{ name: "main", image, command }],
    },
  });
}
