import { expect, test } from "vitest";
import { parseExitText } from "../../../src/runtime/container-store.ts";

test("an exit record counts only when it is complete", () => {
  expect(parseExitText("0\n")).toEqual({ exitCode: 0, lost: false });
  expect(parseExitText("137\n")).toEqual({ exitCode: 137, lost: false });
  for (const text of ["", "1", "13", "\n", "x\n", "1\n2\n"]) expect(parseExitText(text)).toBeUndefined();
});

test("an end that nobody saw is 137, as the kubelet tells it", () => {
  expect(parseExitText("137 lost\n")).toEqual({ exitCode: 137, lost: true });
});
