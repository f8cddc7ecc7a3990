import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { reservePorts } from "../support/reserve-ports.ts";

/** Draws a port until nobody else has reserved it, tells it, and keeps it. */
const OTHER_RUN = `
const { createServer } = require("node:net");
(function draw() {
  const port = 20000 + Math.floor(12000 * Math.random());
  const server = createServer();
  server.once("error", draw);
  server.listen("\\0slipway-test-port-" + port, () => console.log(port));
})();`;

test("a port that another run has reserved is not given until that run has ended", async () => {
  const other = spawn(process.execPath, ["-e", OTHER_RUN], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void other.kill("SIGKILL"));
  const [line] = (await once(other.stdout, "data")) as [Buffer];
  const port = Number(line.toString());
  await expect(reservePorts(1, [port, port + 1])).rejects.toThrow("free");
  other.kill("SIGKILL");
  await once(other, "exit");
  expect(await reservePorts(1, [port, port + 1])).toEqual([port]);
});

test("a port is given once, and not while somebody listens on it", async () => {
  const ports = await reservePorts(20);
  expect(new Set(ports).size).toBe(20);
  const [port = 0] = ports;
  await expect(reservePorts(1, [port, port + 1])).rejects.toThrow("free");
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  const { port: busy } = server.address() as { port: number };
  await expect(reservePorts(1, [busy, busy + 1])).rejects.toThrow("free");
});
