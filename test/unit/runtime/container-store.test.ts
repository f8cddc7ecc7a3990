import { expect, test } from "vitest";
import { listAsideIds, parseExitText } from "../../../src/runtime/container-store.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

test("an exit record counts only when it is complete", () => {
  expect(parseExitText("0\n")).toEqual({ exitCode: 0, lost: false });
  expect(parseExitText("137\n")).toEqual({ exitCode: 137, lost: false });
  for (const text of ["", "1", "13", "\n", "x\n", "1\n2\n"]) expect(parseExitText(text)).toBeUndefined();
});

test("an end that nobody saw is 137, as the kubelet tells it", () => {
  expect(parseExitText("137 lost\n")).toEqual({ exitCode: 137, lost: true });
});

test("only a container's directory that was set aside counts as one", async () => {
  const id = "a".repeat(64);
  const dir = createTempTree({ [`${id}.aside/`]: "dir/", "notes.aside/": "dir/", ".exits.aside/": "dir/" });
  expect(await listAsideIds(createFakeSystem(), dir)).toEqual([id]);
});
