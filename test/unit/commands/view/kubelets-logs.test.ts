import { expect, test, vi } from "vitest";
import { type LogsOptions, runLogs } from "../../../../src/commands/view/logs.ts";
import { advanceUntilDone } from "../../../support/fake-clock.ts";
import { createFakeSystem, type FakeSystem, systemError } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const ROOT = "/r";
const LOGS = `${ROOT}/var/log/pods`;
const LEDGER = {
  apiVersion: "slipway.dev/v1",
  kind: "Ledger",
  root: ROOT,
  kubernetesVersion: "v1.37.2",
  nodeName: "n1",
  runtime: "external",
  entries: [],
};

/** A machine with a kubelet's logs; `onList` sees each directory that is listed, and may throw. */
function machine(onList: (path: string) => void): FakeSystem {
  const line = (text: string): string => `2026-11-22T16:00:00.000000000Z stdout F ${text}\n`;
  const rootDir = createTempTree({
    "r/var/lib/slipway/ledger.json": JSON.stringify(LEDGER),
    [`${LOGS}/kube-system_etcd-n1_u/etcd/0.log`]: line("etcd"),
    [`${LOGS}/default_web_u/main/0.log`]: line("web"),
    "proc/": "dir/",
  });
  const { fs } = createFakeSystem({ rootDir });
  const list: FakeSystem["fs"]["list"] = async (path) => {
    onList(path);
    return fs.list(path);
  };
  return createFakeSystem({ rootDir, fs: { list } });
}

function read(system: FakeSystem, options: Partial<LogsOptions> = {}): Promise<void> {
  const quiet = { write: () => undefined, tell: () => undefined };
  return runLogs(system, {
    root: ROOT,
    pod: "etcd",
    signal: new AbortController().signal,
    ...quiet,
    ...options,
  });
}

test.each(["default_web_u", "default_web_u/main"])(
  "a kubelet that removes %s meanwhile keeps no other log from being read",
  async (removed) => {
    const printed: string[] = [];
    const system = machine((path) => {
      if (path === `${LOGS}/${removed}`) throw systemError("ENOENT");
    });
    await read(system, { write: (chunk) => void printed.push(chunk.toString()) });
    expect(printed.join("")).toBe("etcd\n");
  },
);

test("who follows a log looks at that pod's directories alone", async () => {
  const listed = new Set<string>();
  let follows = false;
  const system = machine((path) => void (follows && listed.add(path)));
  const stop = new AbortController();
  const write = (): void => {
    follows = true;
  };
  const done = read(system, { follow: true, signal: stop.signal, write });
  await vi.waitFor(async () => {
    await system.clock.advance(1_000);
    expect(listed.size).toBeGreaterThan(2);
  });
  stop.abort();
  await done;
  const pod = `${LOGS}/kube-system_etcd-n1_u`;
  expect([...listed].sort()).toEqual([LOGS, pod, `${pod}/etcd`]);
});

test("who follows a log is told when its newest run cannot be looked for any more", async () => {
  let follows = false;
  const system = machine((path) => {
    if (follows && path === LOGS) throw systemError("EACCES");
  });
  const write = (): void => {
    follows = true;
  };
  const done = read(system, { follow: true, write }).catch((error: unknown) => error);
  await advanceUntilDone(system.clock, { done });
  expect(await done).toMatchObject({ code: "SLIPWAY_FILE_ACCESS", what: `cannot look for logs in ${LOGS}` });
});
