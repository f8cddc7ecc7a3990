import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openKnownServices, type ServiceFacts } from "../../../../src/runner/services/known-services.ts";
import { createFileSystem } from "../../../../src/system/file-system.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";

const WEB: ServiceFacts = {
  namespace: "default",
  name: "web",
  clusterIP: "10.96.0.7",
  ports: [{ name: "", protocol: "TCP", port: 80 }],
};

let stateDir: string;
const path = (): string => join(stateDir, "services.json");

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "slipway-services-"));
});
afterEach(() => rm(stateDir, { recursive: true }));

test("none are known at first; what one runner knows the next one does, before it can ask anybody", async () => {
  const system = createFakeSystem({ fs: createFileSystem() });
  const first = await openKnownServices(system, { stateDir });
  expect(first.list()).toEqual([]);
  first.replace([WEB]);
  expect(first.list()).toEqual([WEB]);
  await first.close();
  expect((await stat(path())).mode & 0o777).toBe(0o600);
  expect((await openKnownServices(system, { stateDir })).list()).toEqual([WEB]);
});

test("several changes in a row are one write, and no change is none", async () => {
  const system = createFakeSystem({ fs: createFileSystem() });
  const services = await openKnownServices(system, { stateDir });
  services.replace([WEB]);
  services.replace([]);
  await expect(stat(path())).rejects.toThrow("ENOENT");
  await system.clock.advance(1_000);
  await expect.poll(() => readFile(path(), "utf8").catch(() => "")).toBe("[]");
  await rm(path());
  services.replace([]);
  await system.clock.advance(1_000);
  await services.close();
  await expect(stat(path())).rejects.toThrow("ENOENT");
});

test.each(["", "{}", '[{"name": "web"}]', "\0\0\0\0"])("a file that reads %j tells of none", async (text) => {
  await writeFile(path(), text);
  const system = createFakeSystem({ fs: createFileSystem() });
  expect((await openKnownServices(system, { stateDir })).list()).toEqual([]);
});

test("a disk that takes nothing is told, and the Services are known all the same", async () => {
  const system = createFakeSystem({ fs: createFileSystem() });
  const services = await openKnownServices(system, { stateDir: join(stateDir, "gone") });
  services.replace([WEB]);
  await services.close();
  expect(services.list()).toEqual([WEB]);
  expect(system.logged.map(({ message }) => message)).toEqual(["cannot save the cluster's Services"]);
});
