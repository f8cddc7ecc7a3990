import { appendFile } from "node:fs/promises";
import { afterEach, expect, test } from "vitest";
import { CAUSES } from "../support/explain/causes.ts";
import { processesNaming } from "../support/machine.ts";
import { preparePlane, type TestPlane } from "../support/plane.ts";
import { signal } from "../support/soak/plane-processes.ts";
import { readFirstEndMs, readFirstLineMs, readRefusal, readTold } from "../support/told.ts";

/**
 * From the first sign of a permanent fault to the end of init. On a quiet machine it is under a second, or under three
 * where a component complains and goes on. This bound only tells the one from the other: that it saw the fault, not that
 * it waited for a time-out. The shortest of those is kube-apiserver's own for etcd, 20 s; init itself waits four
 * minutes, and the runner's back-off makes five unexplained ends take half a minute.
 * The benchmark `explain` says how long it took: with SLIPWAY_TOLD_FILE the times are written there.
 */
const TOLD_WITHIN_MS = 12_000;

let plane: TestPlane;
let undo: (() => Promise<unknown>) | undefined;

afterEach(async () => {
  // Else reset waits for an API server that waits for its etcd.
  await plane.slipway("runner", "stop");
  for (const { pid } of processesNaming(plane.root)) signal(pid, "SIGKILL");
  await undo?.();
  undo = undefined;
  await plane.destroy();
});

const asRoot = process.getuid?.() === 0;

test.each(CAUSES.filter(({ needsRoot }) => asRoot || needsRoot !== true))(
  "$cause is told by init, status, ps and doctor",
  async (wanted) => {
    const { component, end, line, why, fix } = wanted;
    plane = await preparePlane(wanted.run);
    undo = await wanted.make(plane);
    const env = Object.fromEntries(
      Object.entries(wanted.env ?? {}).map(([name, value]) => [name, value.replace("PLANE", plane.dir)]),
    );
    const words = ["--config", plane.configPath, "--ignore-preflight-errors=all", "-o", "json"];
    const outcome = await plane.slipwayWith(env, "init", ...words);
    const endedMs = Date.now();
    expect(outcome.exitCode, outcome.stderr).toBe(1);
    const { code, ...init } = readRefusal(outcome, component);
    expect(code).toBe("SLIPWAY_COMPONENT_FAILED");
    const told = {
      end: expect.stringMatching(end),
      line: line === undefined ? undefined : expect.stringMatching(line),
      why: expect.stringMatching(why),
      fix: expect.stringMatching(fix),
    };
    expect(init).toEqual(told);
    // Some are ready for an instant in each of their runs.
    await expect.poll(() => readTold(plane, component)).toEqual({ status: told, ps: told, doctor: told });
    const askedMs = Date.now() - endedMs;
    const shownMs =
      (await readFirstEndMs(plane, component)) ?? (await readFirstLineMs(plane, component, line ?? /./));
    expect(endedMs - shownMs).toBeLessThan(TOLD_WITHIN_MS);
    const { SLIPWAY_TOLD_FILE: file } = process.env;
    if (file !== undefined)
      await appendFile(file, `${JSON.stringify({ init: endedMs - shownMs, asked: askedMs })}\n`);
  },
);
