import { expect, test } from "vitest";
import { describeRefusal } from "../../../src/control/describe-refusal.ts";

const ORIGIN = "/m/web.yaml";

test.each([
  [`${ORIGIN}: line 3: no key`, "line 3: no key"],
  [`cannot read ${ORIGIN}: permission denied`, "it cannot be read: permission denied"],
])("a file is not named twice: %s", (message, told) => {
  const refused = { origin: ORIGIN, code: "SLIPWAY_FILE_ACCESS", message, keepsLastGood: false } as const;
  expect(describeRefusal(refused)).toBe(told);
  expect(describeRefusal({ ...refused, keepsLastGood: true })).toBe(
    `${told}; its pod goes on as it was before`,
  );
});
