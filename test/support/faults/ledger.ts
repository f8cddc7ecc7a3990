import * as real from "../../../src/apply/ledger.ts";
import { interruptWrites } from "./interrupt-writes.ts";
import { reachPoint } from "./reach-point.ts";

export * from "../../../src/apply/ledger.ts";

/** Takes the place of the program's own: the write before all steps tells of its moments, too. */
export const writeLedger: typeof real.writeLedger = async (system, options) => {
  reachPoint("before", "ledger");
  await real.writeLedger(interruptWrites(system, { id: "ledger", files: 1 }), options);
  reachPoint("after", "ledger");
};
