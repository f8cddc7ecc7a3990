import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Container } from "../../../../src/pod/types.ts";
import { prepareTerminationMessage } from "../../../../src/runner/container/prepare-termination-message.ts";
import type { ContainerSpec } from "../../../../src/runtime/types.ts";
import { buildComponentReport } from "../../../support/build-report.ts";
import { buildContainerSpec } from "../../../support/container-spec.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const { pod } = buildComponentReport("web");
const VOLUME = { hostPath: "/v", containerPath: "/v", readOnly: false, propagation: "private" } as const;

function prepare(
  change: {
    readonly container?: Partial<Container>;
    readonly spec?: Partial<ContainerSpec>;
    readonly uid?: number;
    readonly podsDir?: string;
  } = {},
) {
  const { podsDir = createTempTree({}), uid = 0 } = change;
  return prepareTerminationMessage(createFakeSystem({ host: { uid } }), {
    pod,
    podsDir,
    container: { name: "web", image: "x:1", ...change.container },
    spec: buildContainerSpec({ mounts: [VOLUME], ...change.spec }),
  });
}

const NAMED = { command: ["sh", "-c", "echo bad >/dev/termination-log"] };

test("a container that names no path has its log only", async () => {
  expect(await prepare()).toEqual({
    mounts: [VOLUME],
    terminationMessage: { fallbackToLogs: false, maxBytes: 12 * 1024 },
  });
});

test.each([
  { spec: NAMED },
  { spec: { args: ["--message=/dev/termination-log"] } },
  { spec: { env: { MESSAGE: "/dev/termination-log" } } },
])(
  "a container that names the default path gets an empty file there that all may write: %o",
  async (change) => {
    const podsDir = createTempTree({});
    const { mounts, terminationMessage } = await prepare({ ...change, podsDir });
    const path = join(podsDir, "u/containers/web/termination-log-0");
    expect(mounts?.[1]).toEqual({ ...VOLUME, hostPath: path, containerPath: "/dev/termination-log" });
    expect(terminationMessage?.path).toBe(path);
    expect(statSync(path).mode & 0o777).toBe(0o666);
  },
);

test("a path of its own is enough, and the policy is kept", async () => {
  const container = {
    terminationMessagePath: "/tmp/why",
    terminationMessagePolicy: "FallbackToLogsOnError",
  } as const;
  const { mounts, terminationMessage } = await prepare({ container });
  expect(mounts?.[1]?.containerPath).toBe("/tmp/why");
  expect(terminationMessage?.fallbackToLogs).toBe(true);
});

test("each run has a fresh file, and those of the last two stay", async () => {
  const podsDir = createTempTree({});
  for (const attempt of [0, 1, 2]) {
    const { terminationMessage } = await prepare({ spec: { ...NAMED, attempt }, podsDir });
    writeFileSync(terminationMessage?.path ?? "", "said");
  }
  await prepare({ spec: { ...NAMED, attempt: 2 }, podsDir });
  const dir = join(podsDir, "u/containers/web");
  expect(readdirSync(dir).map((name) => [name, statSync(join(dir, name)).size])).toEqual([
    ["termination-log-1", 4],
    ["termination-log-2", 0],
  ]);
});

test("an ordinary user's container has its log only, for it can see no file elsewhere", async () => {
  expect((await prepare({ spec: NAMED, uid: 1000 })).mounts).toEqual([VOLUME]);
});
