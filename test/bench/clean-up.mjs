/**
 * Undoes what the benchmarks made, the last first: at the end, after an error, and on a signal. `add` gives a function
 * that undoes one thing early.
 */
export function createCleanUp() {
  const pending = [];
  const run = async () => {
    for (let undo = pending.pop(); undo !== undefined; undo = pending.pop()) {
      await undo().catch((error) => console.error(`clean-up: ${error.message}`));
    }
  };
  for (const [signal, exitCode] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
    process.once(signal, () => void run().then(() => process.exit(exitCode)));
  }
  return {
    run,
    add: (undo) => {
      pending.push(undo);
      return async () => {
        const index = pending.indexOf(undo);
        if (index < 0) return;
        pending.splice(index, 1);
        await undo();
      };
    },
  };
}
