import * as v from "valibot";
import { CONTROLLERS } from "./cgroup-settings.ts";
import type { ContainerCgroup } from "./cgroups.ts";
import { parseOwnJson } from "./own-json.ts";
import type { ContainerSpec } from "./types.ts";

/** What is written down of a container before anything of it is made. */
export interface ContainerRecord {
  readonly id: string;
  readonly spec: ContainerSpec;
  readonly imageId: string;
  /** The program of this machine that runs, with its arguments. */
  readonly argv: readonly string[];
  /** Whether the image is one of the control plane's own components. */
  readonly trusted?: boolean;
  /** The first one tracks its processes; absent or empty where no cgroup can be made. */
  readonly cgroups?: readonly ContainerCgroup[];
  readonly startedAtMs: number;
}

/** What whoever finds a container again takes from its record; the rest is for its start alone, which is over. */
const recordSchema = v.looseObject({
  id: v.string(),
  imageId: v.string(),
  argv: v.array(v.string()),
  trusted: v.optional(v.boolean()),
  cgroups: v.optional(
    v.array(
      v.object({
        dir: v.string(),
        version: v.picklist([1, 2]),
        controllers: v.array(v.picklist(CONTROLLERS)),
      }),
    ),
  ),
  startedAtMs: v.number(),
  spec: v.looseObject({
    podUid: v.string(),
    podName: v.string(),
    podNamespace: v.string(),
    containerName: v.string(),
    attempt: v.number(),
    image: v.string(),
    env: v.record(v.string(), v.string()),
    logPath: v.string(),
    logLinkPrefix: v.string(),
    graceSeconds: v.number(),
    annotations: v.record(v.string(), v.string()),
  }),
});

/** The record of the container with this id; undefined for a text that is none, whatever a machine has left there. */
export function parseContainerRecord(text: string, id: string): ContainerRecord | undefined {
  const value = parseOwnJson(text);
  const { success } = v.safeParse(recordSchema, value);
  // What the schema leaves open was written whole or not at all, by this program only.
  const record = success ? (value as ContainerRecord) : undefined;
  return record?.id === id ? record : undefined;
}
