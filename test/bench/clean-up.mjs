/**
 * Undoes what the benchmarks made, the last first: at the end, after an error, and on a signal. `add` gives a function
 * that undoes one thing early; `signal` tells that nothing new may be started.
 */
export function createCleanUp() {
  const pending = [];
  const interrupt = new AbortController();
  let running;
  const undoAll = async () => {
    for (let undo = pending.pop(); undo !== undefined; undo = pending.pop()) {
      await undo().catch((error) => console.error(`clean-up: ${error.message}`));
    }
  };
  const run = () => {
    running ??= undoAll();
    return running;
  };
  for (const [name, exitCode] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
    process.on(name, () => {
      interrupt.abort(new Error(`interrupted by ${name}`));
      void run().then(() => process.exit(exitCode));
    });
  }
  return {
    run,
    signal: interrupt.signal,
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
