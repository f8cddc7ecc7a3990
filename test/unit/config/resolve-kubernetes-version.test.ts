import { expect, test } from "vitest";
import { resolveKubernetesVersion } from "../../../src/config/resolve-kubernetes-version.ts";

test.each([
  ["", "v1.37.2"],
  ["stable", "v1.37.2"],
  ["stable-1", "v1.37.2"],
  ["v1.37.1", "v1.37.1"],
  ["1.36.9", "v1.36.9"],
  ["1.36", "v1.36.3"],
  ["v1.35", "v1.35.4"],
  ["stable-1.34", "v1.34.4"],
  ["1.37.3-rc.1", "v1.37.3-rc.1"],
])("%j means %s", (text, version) => {
  expect(resolveKubernetesVersion(text)).toEqual({ version });
});

test.each(["1.33.5", "v1.38.0", "1.33", "stable-1.99"])("%s is not supported", (text) => {
  expect(resolveKubernetesVersion(text)).toEqual({
    problem: expect.stringContaining("supported are 1.34 to 1.37"),
  });
});

test.each(["latest", "ci/latest", "2.0.0", "v1", "1.37.01", "v1.37.2 ", "one"])(
  "%s cannot be known",
  (text) => {
    expect(resolveKubernetesVersion(text)).toEqual({
      problem: expect.stringContaining("write it like v1.37.2"),
    });
  },
);
