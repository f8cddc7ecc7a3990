import { readFileSync } from "node:fs";
import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { keepSocket } from "../../../src/runner/keep-socket.ts";
import { createNet } from "../../../src/system/net.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

/** How many listen on a path, those too whose socket is gone. Source: proc_net_unix(5), __SO_ACCEPTCON. */
function countListeners(path: string): number {
  const lines = readFileSync("/proc/net/unix", "utf8").split("\n");
  return lines.filter((line) => line.endsWith(` ${path}`) && line.split(" ")[3] === "00010000").length;
}

test("a socket that is removed while it is being made leaves no server that nobody can reach", async () => {
  const path = join(createTempTree({}), "control.sock");
  let removals = 0;
  const system = createFakeSystem({
    fs: {
      chmod: async (made, mode) => {
        if (removals-- > 0) await rm(made);
        await chmod(made, mode);
      },
    },
  });
  const socket = await keepSocket(system, {
    path,
    prepare: () => Promise.resolve(),
    onRequest: (_request, response) => void response.end("here"),
  });
  removals = 2;
  await rm(path);
  await vi.waitFor(async () => {
    await system.clock.advance(2_000);
    expect(removals).toBeLessThan(1);
    const { body } = await createNet().request({ url: "http://runner/", socketPath: path });
    expect(body.toString()).toBe("here");
  });
  expect(countListeners(path)).toBe(1);
  await socket.close();
  expect(countListeners(path)).toBe(0);
});
