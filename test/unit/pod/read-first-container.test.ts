import { expect, test } from "vitest";
import { readFirstContainer } from "../../../src/pod/read-first-container.ts";

test("the first container of a manifest is given as it stands there", () => {
  const manifest = "spec: {containers: [{name: a, command: [x, --y=1]}, {name: b}]}\n";
  expect(readFirstContainer(manifest)).toEqual({ name: "a", command: ["x", "--y=1"] });
});

test.each(["", "[]", "spec: 1", "spec: {containers: {}}", "spec: {containers: [1]}", "a: ["])(
  "what is no pod with containers has none: %j",
  (manifest) => {
    expect(readFirstContainer(manifest)).toEqual({});
  },
);
