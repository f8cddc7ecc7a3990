import { readLedger, writeLedger } from "../ledger.ts";
import { ABSENT, DONE, type StepHandler } from "../step-handler.ts";

/** What `runner start`, `status` and the next init go by. A plane without a ledger has nothing to note it in. */
export const recordRuntimeHandler: StepHandler<"record-runtime"> = {
  observe: async (system, { step, context }) => {
    const ledger = await readLedger(system, context.paths);
    return ledger === undefined || ledger.runtime === step.runtime ? DONE : ABSENT;
  },
  apply: async (system, { step, context }) => {
    const { paths } = context;
    const ledger = await readLedger(system, paths);
    if (ledger !== undefined)
      await writeLedger(system, { paths, ledger: { ...ledger, runtime: step.runtime } });
    return undefined;
  },
};
