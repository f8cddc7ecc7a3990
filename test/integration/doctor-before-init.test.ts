import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { parseErrors } from "../support/doctor-trial.ts";
import { preparePlane } from "../support/plane.ts";

test("before init an address that this machine has not is told, and nothing is made", async () => {
  const plane = await preparePlane();
  try {
    await plane.editConfig((text) =>
      text.replace("advertiseAddress: 127.0.0.1", "advertiseAddress: 203.0.113.9"),
    );
    const { exitCode, stdout } = await plane.slipway("doctor", "--config", plane.configPath, "-o", "json");
    expect(exitCode).toBe(1);
    expect(parseErrors(stdout).map(({ name }) => name)).toEqual(["AdvertiseAddress"]);
    expect(await readdir(plane.dir)).toEqual(["config.yaml"]);
  } finally {
    await plane.destroy();
  }
});
