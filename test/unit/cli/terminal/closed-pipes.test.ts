import { expect, onTestFinished, test } from "vitest";
import { allowClosedPipes } from "../../../../src/cli/terminal/closed-pipes.ts";
import { systemError } from "../../../support/fake-system.ts";

test.each(["EPIPE", "ENOSPC", "EIO"])(
  "what cannot be told on stderr (%s) does not end the program",
  (code) => {
    listen();
    expect(() => process.stderr.emit("error", systemError(code))).not.toThrow();
  },
);

test("an answer that cannot be written to stdout ends the program with the reason", () => {
  listen();
  expect(() => process.stdout.emit("error", systemError("ENOSPC"))).toThrow("ENOSPC");
});

/** Listens as the program does, for one test. */
function listen(): void {
  const streams = [process.stdout, process.stderr];
  const before = streams.map((stream) => stream.listeners("error"));
  allowClosedPipes();
  onTestFinished(() => {
    for (const [index, stream] of streams.entries()) {
      for (const listener of stream.listeners("error")) {
        // Listeners are functions of any kind to Node's types, and these are error listeners.
        if (before[index]?.includes(listener) !== true) stream.off("error", listener as () => void);
      }
    }
  });
}
