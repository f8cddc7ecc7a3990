import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PodSketch } from "./pod-runner.ts";
import { programPath } from "./runtime-fixture.ts";

/** What a test changes of a pod that must be alone. */
interface LoneChange {
  readonly version?: string;
  readonly endSeconds?: number;
  readonly container?: Readonly<Record<string, unknown>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** Pods of lone.sh, which notes its start, its end, and whether it finds another of its name at work. */
export function createLonePods(place: {
  readonly root: () => string;
  /** Of all of them. */
  readonly spec?: Readonly<Record<string, unknown>>;
}) {
  const journalPath = (name: string): string => join(place.root(), `${name}.journal`);
  return {
    journalPath,
    /** The lines that a pod has noted by now. */
    journal: (name: string): readonly string[] => {
      const path = journalPath(name);
      return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
    },
    lone: (name: string, { version = "1", endSeconds = 0, container, spec }: LoneChange = {}): PodSketch => ({
      container: {
        command: [programPath("lone.sh"), journalPath(name), String(endSeconds)],
        env: [{ name: "V", value: version }],
        ...container,
      },
      spec: { terminationGracePeriodSeconds: 5, ...place.spec, ...spec },
    }),
  };
}
