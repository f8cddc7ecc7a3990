import { expect, onTestFinished, test, vi } from "vitest";
import { allowClosedPipes } from "../../../../src/cli/terminal/closed-pipes.ts";
import { systemError } from "../../../support/fake-system.ts";

test.each(["EPIPE", "ENOSPC", "EIO"])(
  "what cannot be told on stderr (%s) does not end the program",
  (code) => {
    listen();
    expect(() => process.stderr.emit("error", systemError(code))).not.toThrow();
  },
);

test("who reads no more of the answer has what it wanted", () => {
  listen();
  const exit = watchExit();
  process.stdout.emit("error", systemError("EPIPE"));
  expect(exit).toHaveBeenCalledExactlyOnceWith(undefined);
});

test.each([
  ["ENOSPC", "SLIPWAY_NO_SPACE"],
  ["EIO", "SLIPWAY_FILE_ACCESS"],
])("an answer that cannot be written (%s) ends the program with the reason and no stack", (code, wanted) => {
  listen();
  const exit = watchExit();
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  onTestFinished(() => write.mockRestore());
  process.stdout.emit("error", systemError(code));
  expect(exit).toHaveBeenCalledExactlyOnceWith(1);
  const told = write.mock.calls.map(([text]) => String(text)).join("");
  expect(told).toContain("error: the answer cannot be written to standard output\n");
  expect(told).toContain(wanted);
  expect(told).not.toContain("closed-pipes");
});

function watchExit() {
  const exit = vi.spyOn(process, "exit").mockImplementation((() => undefined) as () => never);
  onTestFinished(() => exit.mockRestore());
  return exit;
}

/** Listens as the program does, for one test. */
function listen(): void {
  const streams = [process.stdout, process.stderr];
  const before = streams.map((stream) => stream.listeners("error"));
  allowClosedPipes({ json: false });
  onTestFinished(() => {
    for (const [index, stream] of streams.entries()) {
      for (const listener of stream.listeners("error")) {
        // Listeners are functions of any kind to Node's types, and these are error listeners.
        if (before[index]?.includes(listener) !== true) stream.off("error", listener as () => void);
      }
    }
  });
}
