import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AttachSession, ContainerSpec, Runtime } from "../../src/runtime/types.ts";
import { processesNaming } from "../support/machine.ts";
import {
  createRuntimeFixture,
  type RuntimeFixture,
  readMessages,
  whenEnded,
} from "../support/runtime-fixture.ts";
import { buildRuntimeProcess, nextOutput, startRuntimeProcess } from "../support/start-runtime-process.ts";

let fixture: RuntimeFixture;
beforeEach(() => {
  fixture = createRuntimeFixture();
});
afterEach(async () => {
  await fixture.cleanUp();
  expect(processesNaming(fixture.containersDir)).toEqual([]);
});

/** A client of a container: what it has seen so far, and its leaving. */
interface Client {
  readonly session: AttachSession;
  seen(): string;
  type(text: string): void;
  leave(): Promise<void>;
}

async function attach(
  runtime: Runtime,
  { id, input = true }: { id: string; input?: boolean },
): Promise<Client> {
  const session = await runtime.openAttach(id, { input });
  const gone = new AbortController();
  let seen = "";
  const write = async (chunk: Buffer): Promise<void> => {
    seen += chunk.toString("utf8");
  };
  const followed = session.follow("stdout", { write, signal: gone.signal });
  return {
    session,
    seen: () => seen,
    type: (text) => void session.stdin?.write(text),
    leave: async () => {
      session.stdin?.destroy();
      gone.abort();
      await followed;
      await session.close();
    },
  };
}

const sh = (script: string, change: Partial<ContainerSpec> = {}): ContainerSpec =>
  fixture.spec({ command: ["sh", "-c", script], ...change });

test("input goes on over clients and runners, as one stream without an end", async () => {
  const bundle = buildRuntimeProcess(fixture);
  const first = await startRuntimeProcess(bundle, fixture);
  first.stdin?.write(JSON.stringify(sh('while read -r line; do echo "got $line"; done', { input: "open" })));
  await nextOutput(first);
  first.kill("SIGKILL");
  const runtime = await fixture.open();
  const [container] = await runtime.list();
  const id = container?.id ?? "";
  const one = await attach(runtime, { id });
  one.type("a\nb");
  await expect.poll(one.seen).toBe("got a\n");
  await one.leave();
  await runtime.close();
  const next = await fixture.open();
  const two = await attach(next, { id });
  two.type("c\n");
  await expect.poll(two.seen).toBe("got bc\n");
  await two.leave();
  expect((await next.list())[0]?.state.kind).toBe("running");
});

test("input that is for one client only waits for it, and ends with it", async () => {
  const runtime = await fixture.open();
  const spec = sh('while read -r line; do echo "got $line"; done; echo over; exec sleep 1000', {
    input: "once",
  });
  const { id } = await runtime.start(spec);
  const watching = await attach(runtime, { id, input: false });
  expect(watching.session.stdin).toBeUndefined();
  const typing = await attach(runtime, { id });
  typing.type("a\n");
  await expect.poll(watching.seen).toBe("got a\n");
  const beside = await attach(runtime, { id });
  await typing.leave();
  await expect.poll(watching.seen).toBe("got a\nover\n");
  const late = await attach(runtime, { id });
  for (const { session } of [beside, late])
    expect(session).toMatchObject({ stdin: undefined, isInputTaken: true });
  await runtime.stop(id, { graceSeconds: 0 });
  for (const client of [watching, beside, late]) await client.leave();
  const again = await runtime.start({ ...spec, attempt: 1 });
  const next = await attach(runtime, again);
  expect(next.session.stdin).toBeDefined();
  await runtime.stop(again.id, { graceSeconds: 0 });
  await next.leave();
});

test("a container whose input nobody has taken ends without leaving anything", async () => {
  const runtime = await fixture.open();
  const { id } = await runtime.start(sh("exec sleep 1000", { input: "once" }));
  expect(processesNaming(fixture.containersDir).length).toBeGreaterThan(0);
  await runtime.stop(id, { graceSeconds: 1 });
  await expect.poll(() => processesNaming(fixture.containersDir)).toEqual([]);
});

test("megabytes go in unchanged, however slowly they are read", async () => {
  const runtime = await fixture.open();
  const { id } = await runtime.start(sh("sleep 0.5; sha256sum | cut -c1-64", { input: "once" }));
  const client = await attach(runtime, { id });
  const ended = whenEnded(runtime, id);
  const text = "0123456789abcde\n".repeat(150_000);
  await new Promise<void>((done) => void client.session.stdin?.end(text, () => done()));
  const { spec } = await ended;
  await client.leave();
  expect(readMessages(spec.logPath, "stdout")).toEqual([createHash("sha256").update(text).digest("hex")]);
});

test("a terminal is the container's own, has its client's size, and ends with it", async () => {
  const runtime = await fixture.open();
  const script =
    'test -t 0 && test -t 1 && test -t 2 && echo "on a terminal, $TERM, shell: $SHELL"; exec sh -i';
  const { id, spec, state } = await runtime.start(
    sh(script, { input: "open", terminal: true, env: { PS1: "$ " } }),
  );
  if (state.kind !== "running") throw new Error("it ended");
  await expect.poll(() => readFileSync(spec.logPath, "utf8")).toContain("on a terminal, xterm, shell: \r\n");
  const client = await attach(runtime, { id });
  await client.session.resize({ rows: 31, columns: 97 });
  client.type("stty size; kill -0 $$ && echo $$\n");
  await expect.poll(client.seen).toContain(`31 97\r\n${state.pid}\r\n`);
  client.type("echo sleepy; sleep 1000\n");
  await expect.poll(client.seen).toContain("\r\nsleepy\r\n");
  client.type("\x03");
  // What was typed ahead of an interrupt goes with it.
  await expect.poll(client.seen).toContain("^C");
  client.type("echo $((40+2))\n");
  await expect.poll(client.seen).toContain("42\r\n");
  await client.leave();
  await runtime.close();
  const next = await fixture.open();
  const again = await attach(next, { id });
  again.type("exit 7\n");
  expect((await whenEnded(next, id)).state).toMatchObject({ exitCode: 7, reason: "Error" });
  await again.leave();
});

test.skipIf(process.getuid?.() !== 0)(
  "input and terminal go with a user and a root of their own (needs root)",
  async () => {
    const runtime = await fixture.open();
    const security = { user: 65534, group: 65534, groups: [], noNewPrivileges: true, readOnlyRoot: true };
    const script = 'test -t 0 && id -u; echo up >/dev/tty; touch /x || read -r line; echo "got $line"';
    const { id } = await runtime.start(sh(script, { input: "open", terminal: true, security }));
    const ended = whenEnded(runtime, id);
    const client = await attach(runtime, { id });
    client.type("it\n");
    const { spec, state } = await ended;
    expect(state).toMatchObject({ exitCode: 0 });
    expect(readFileSync(spec.logPath, "utf8")).toMatch(
      / 65534\r\n.* up\r\n.*Read-only file system\r\n.* got it\r\n/s,
    );
    await client.leave();
  },
);

test("a program on a terminal gets its stop signal itself, and tells who it cannot become", async () => {
  const runtime = await fixture.open();
  const script = "trap 'echo asked; exit 3' TERM; echo ready; while :; do sleep 0.05; done";
  const { id, spec } = await runtime.start(sh(script, { terminal: true }));
  await expect.poll(() => readFileSync(spec.logPath, "utf8")).toContain("ready\r\n");
  await runtime.stop(id, { graceSeconds: 20 });
  const [ended] = await runtime.list();
  expect(ended?.state).toMatchObject({ exitCode: 3, signal: undefined });
  const wrong = sh("true", { terminal: true, workingDir: "/nowhere/at/all", attempt: 1 });
  await expect(runtime.start(wrong)).rejects.toMatchObject({ code: "SLIPWAY_CONTAINER_START" });
});
