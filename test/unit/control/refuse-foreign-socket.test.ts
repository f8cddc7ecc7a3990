import { chmodSync, chownSync, mkdirSync, renameSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { connectRunner } from "../../../src/control/control-client.ts";
import { buildRunnerInfo, createRunnerNet } from "../../support/fake-runner.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const OWN = process.getuid?.() ?? 0;
const STRANGER = 65534;

let root: string;
let dir: string;
let socketPath: string;

/** A socket as a runner makes it. What answers there says what it likes. */
beforeEach(async () => {
  root = createTempTree({});
  dir = join(root, "slipway");
  socketPath = join(dir, "control.sock");
  mkdirSync(dir, { mode: 0o700 });
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((done) => server.listen(socketPath, done));
  chmodSync(socketPath, 0o600);
});

function connect(uid = OWN) {
  const net = createRunnerNet({ info: buildRunnerInfo(root) });
  return connectRunner(createFakeSystem({ net, host: { uid } }), { socketPath, root });
}

async function expectRefused(why: string): Promise<void> {
  await expect(connect()).rejects.toMatchObject({
    code: "SLIPWAY_RUNNER_MISMATCH",
    why,
    fix: expect.stringContaining("rm -r "),
  });
}

test("a socket of root's or of this user's is used, and none is no reason to refuse", async () => {
  await connect();
  await connect(OWN === 0 ? STRANGER : OWN);
  renameSync(socketPath, `${socketPath}.aside`);
  chmodSync(dir, 0o777);
  await connect();
});

test.runIf(OWN === 0)(
  "a socket that another user has put there is refused, also in a directory of root's",
  async () => {
    chownSync(socketPath, STRANGER, STRANGER);
    await expectRefused(`${socketPath} belongs to uid ${STRANGER}`);
  },
);

test.runIf(OWN === 0)("a directory of another user's is refused, whosever the socket is", async () => {
  chownSync(dir, STRANGER, STRANGER);
  await expectRefused(`${dir} belongs to uid ${STRANGER}`);
});

test.runIf(OWN === 0)("root uses the socket of a root that is another user's own", async () => {
  for (const path of [root, dir, socketPath]) chownSync(path, STRANGER, STRANGER);
  await connect();
});

test.each([0o770, 0o702])(
  "a directory of mode %o is refused: whoever may write to it may replace the socket",
  async (mode) => {
    chmodSync(dir, mode);
    await expectRefused(`${dir} can be written by others (mode ${mode.toString(8)})`);
  },
);

test("a socket that others may write to is refused", async () => {
  chmodSync(socketPath, 0o666);
  await expectRefused(`${socketPath} can be written by others (mode 666)`);
});

test("a link is refused in the place of either", async () => {
  renameSync(socketPath, `${socketPath}.real`);
  symlinkSync(`${socketPath}.real`, socketPath);
  await expectRefused(`${socketPath} is a symbolic link`);
  renameSync(`${socketPath}.real`, socketPath);
  renameSync(dir, `${dir}.real`);
  symlinkSync(`${dir}.real`, dir);
  await expectRefused(`${dir} is a symbolic link`);
});
