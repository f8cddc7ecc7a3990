import { expect, test } from "vitest";
import { endDeafServer } from "../../../src/apply/end-deaf-server.ts";
import { createFakeSystem, systemError } from "../../support/fake-system.ts";

const manifest = JSON.stringify({ spec: { containers: [{ command: ["kube-apiserver"] }] } });

const system = createFakeSystem({ fs: { list: () => Promise.reject(systemError("EMFILE")) } });

test("a look at the processes that fails is told when the work is done, which it does not hold up", async () => {
  const done: string[] = [];
  const work = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    done.push("work");
  };
  await expect(endDeafServer(system, { manifest, work })).rejects.toThrow("EMFILE");
  expect(done).toEqual(["work"]);
});

test("of two failures the work's is told", async () => {
  const work = () => Promise.reject(new Error("it hangs"));
  await expect(endDeafServer(system, { manifest, work })).rejects.toThrow("it hangs");
});
