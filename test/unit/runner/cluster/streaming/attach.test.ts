import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { runAttach } from "../../../../../src/runner/cluster/streaming/run-attach.ts";
import type { AttachSession, Runtime, TerminalSize } from "../../../../../src/runtime/types.ts";

const text = (stream: PassThrough): string => String(stream.read() ?? "");

/** A container that says `here` on stdout and ends when it is told to. */
function createContainer(stdin: PassThrough | undefined, isInputTaken = false) {
  const sizes: TerminalSize[] = [];
  const asked: boolean[] = [];
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const session: AttachSession = {
    stdin,
    isInputTaken,
    follow: async (stream, { write }) => {
      if (stream === "stdout") await write(Buffer.from("here\n"));
      await ended;
    },
    resize: async (size) => void sizes.push(size),
    close: () => Promise.resolve(),
  };
  const runtime: Pick<Runtime, "openAttach"> = {
    openAttach: async (_id, { input }) => {
      asked.push(input);
      return session;
    },
  };
  return { runtime, sizes, asked, end };
}

const open = new Promise<void>(() => undefined);

test.each([
  [false, "this container has no input"],
  [true, "this container's input was for one client alone (stdinOnce), which came before"],
])(
  "a client whose input goes nowhere (one was before: %s) is told so, and sees what the container writes",
  async (isTaken, why) => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const { runtime, end } = createContainer(undefined, isTaken);
    const attached = runAttach({
      runtime,
      containerId: "1",
      streams: { stdin, stdout, stderr, closed: open },
    });
    await vi.waitFor(() => expect(text(stdout)).toBe("here\n"));
    end();
    expect(JSON.parse(await attached)).toMatchObject({ status: "Success" });
    expect(text(stderr)).toBe(`${why}: what you type goes nowhere; kubectl exec -it opens a shell\n`);
  },
);

test("what a client types and the sizes of its terminal reach the container; its leaving ends only its own input", async () => {
  const [stdin, stdout, resize, input] = [1, 2, 3, 4].map(() => new PassThrough());
  if (stdin === undefined || stdout === undefined || resize === undefined || input === undefined)
    throw new Error();
  const { runtime, sizes, asked, end } = createContainer(input);
  let leave = (): void => undefined;
  const closed = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const attached = runAttach({ runtime, containerId: "1", streams: { stdin, stdout, resize, closed } });
  stdin.write("typed");
  resize.write('{"Width":97,"Height":31}');
  resize.write('{"Width":98,"Height":31}');
  await vi.waitFor(() => expect(text(input)).toBe("typed"));
  await vi.waitFor(() =>
    expect(sizes).toEqual([
      { columns: 97, rows: 31 },
      { columns: 98, rows: 31 },
    ]),
  );
  expect(asked).toEqual([true]);
  leave();
  end();
  await attached;
  expect(input.destroyed).toBe(true);
});

test("a client without input takes nobody else's", async () => {
  const stdout = new PassThrough();
  const { runtime, asked, end } = createContainer(undefined);
  end();
  await runAttach({ runtime, containerId: "1", streams: { stdout, closed: open } });
  expect(asked).toEqual([false]);
});
