import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ContainerMount } from "../../src/runtime/isolation.ts";
import type { ContainerSpec } from "../../src/runtime/types.ts";
import {
  createRuntimeFixture,
  type RuntimeFixture,
  readMessages,
  whenEnded,
} from "../support/runtime-fixture.ts";

let fixture: RuntimeFixture;
let mountsBefore: string;
beforeEach(() => {
  fixture = createRuntimeFixture();
  mountsBefore = listMounts();
});
afterEach(async () => {
  await fixture.cleanUp();
  expect(listMounts()).toBe(mountsBefore);
});

const NOBODY = { groups: [], noNewPrivileges: false, readOnlyRoot: false };

test("volumes are seen where the container wants them, and nothing is made on the machine for it", async () => {
  const data = makeDir("data", { greeting: "hello" });
  const lines = await runShell(
    "cat /data/greeting; cat /etc/slipway-test/app/greeting; echo new >/data/made",
    {
      mounts: [mount(data, "/data"), mount(data, "/etc/slipway-test/app")],
    },
  );
  expect(lines).toEqual(["hello", "hello"]);
  expect(readFileSync(join(data, "made"), "utf8")).toBe("new\n");
  expect(existsSync("/data") || existsSync("/etc/slipway-test")).toBe(false);
});

test("what a container sees beside its volumes is the machine's own", async () => {
  const data = makeDir("data", {});
  const own = join(fixture.dir, "own");
  await runShell(`echo here >${own}`, { mounts: [mount(data, "/data")] });
  expect(readFileSync(own, "utf8")).toBe("here\n");
});

test("a read-only mount cannot be written, at another path or its own", async () => {
  const data = makeDir("data", { file: "x" });
  const lines = await runShell(`touch /data/new; touch ${data}/new; cat ${data}/file`, {
    mounts: [
      { ...mount(data, "/data"), readOnly: true },
      { ...mount(data, data), readOnly: true },
    ],
  });
  expect(lines).toEqual(["x"]);
  expect(existsSync(join(data, "new"))).toBe(false);
});

test("a root can be made read-only where one mount of the machine hides another", async () => {
  const [data, outer] = [makeDir("data", {}), join(fixture.dir, "outer")];
  const inner = join(outer, "inner");
  mkdirSync(inner, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "slipway-test", inner]);
  execFileSync("mount", ["-t", "tmpfs", "slipway-test", outer]);
  mkdirSync(inner);
  try {
    const lines = await runShell(
      `touch ${inner}/new ${outer}/new || echo refused; touch /data/new && echo taken`,
      {
        mounts: [mount(data, "/data")],
        security: { ...NOBODY, readOnlyRoot: true },
      },
    );
    expect(lines).toEqual(["refused", "taken"]);
    expect(existsSync(join(inner, "new")) || existsSync(join(outer, "new"))).toBe(false);
  } finally {
    execFileSync("umount", [outer]);
    execFileSync("umount", [inner]);
  }
});

test("with a read-only root only volumes and devices can be written", async () => {
  const [data, elsewhere] = [makeDir("data", {}), makeDir("elsewhere", {})];
  const lines = await runShell(
    `for file in /data/a ${elsewhere}/a /a /etc/a /tmp/a; do touch $file && echo $file; done; echo >/dev/null && echo /dev`,
    { mounts: [mount(data, "/data")], security: { ...NOBODY, readOnlyRoot: true } },
  );
  expect(lines).toEqual(["/data/a", "/dev"]);
});

test("a single file, a nested mount and a mount at an existing path are seen", async () => {
  const [outer, inner] = [makeDir("outer", { "a file": "A" }), makeDir("inner", { b: "B" })];
  const lines = await runShell("cat /x/outer/deep/inner/b; cat /x/file; cat /srv/b", {
    mounts: [
      mount(inner, "/x/outer/deep/inner"),
      mount(outer, "/x/outer"),
      mount(join(outer, "a file"), "/x/file"),
      mount(inner, "/srv"),
    ],
  });
  expect(lines).toEqual(["B", "A", "B"]);
});

test("what the machine mounts later is seen through a mount that asks for it, and no other", async () => {
  const shared = makeDir("shared", {});
  mkdirSync(join(shared, "later"));
  execFileSync("mount", ["--bind", shared, shared]);
  execFileSync("mount", ["--make-shared", shared]);
  try {
    const runtime = await fixture.open();
    const { id } = await runtime.start(
      fixture.spec({
        mounts: [mount(shared, "/private"), { ...mount(shared, "/slave"), propagation: "host-to-container" }],
      }),
    );
    execFileSync("mount", ["-t", "tmpfs", "later", join(shared, "later")]);
    writeFileSync(join(shared, "later/file"), "");
    const seen = (dir: string) => runtime.exec(id, { command: ["ls", dir], timeoutMs: 5000 });
    expect((await seen("/slave/later")).output).toBe("file");
    expect((await seen("/private/later")).output).toBe("");
    await runtime.stop(id, { graceSeconds: 1 });
  } finally {
    execFileSync("umount", ["--recursive", shared]);
  }
});

test("a path that leads out of its volume through a link is refused", async () => {
  const data = makeDir("data", {});
  symlinkSync("/etc", join(data, "escape"));
  const runtime = await fixture.open();
  const spec = fixture.spec({ mounts: [{ ...mount(join(data, "escape"), "/data"), within: data }] });
  await expect(runtime.start(spec)).rejects.toMatchObject({
    code: "SLIPWAY_CONTAINER_START",
    message: expect.stringContaining("leads out of its volume"),
  });
});

test("a file mounted in /dev leaves the devices as they are", async () => {
  const file = join(makeDir("data", { log: "old" }), "log");
  const lines = await runShell(
    "cat /dev/slipway-test; echo x >/dev/null && test -c /dev/null && test -d /dev/pts && echo ok",
    {
      mounts: [mount(file, "/dev/slipway-test")],
    },
  );
  expect(lines).toEqual(["old", "ok"]);
});

test("what cannot be mounted is told in mount's own words and leaves nothing", async () => {
  const runtime = await fixture.open();
  const start = (...mounts: readonly ContainerMount[]) => runtime.start(fixture.spec({ mounts }));
  await expect(start(mount(join(fixture.dir, "no-such"), "/data"))).rejects.toThrow(/no-such/);
  await expect(start(mount(fixture.dir, "/etc/passwd"))).rejects.toThrow(
    "a directory cannot be mounted at /etc/passwd: this machine has a file there",
  );
  await expect(start(mount(fixture.dir, "/a\nb"))).rejects.toThrow("a line break");
  expect(await runtime.list()).toEqual([]);
});

test("a user, groups, capabilities and no new privileges are what was asked for", async () => {
  const lines = await runShell(
    "id -u; id -g; id -G; grep -E 'CapBnd|CapEff|NoNewPrivs' /proc/self/status; pwd",
    {
      workingDir: "/tmp",
      security: {
        user: 4711,
        group: 4712,
        groups: [4713, 4714],
        capabilities: ["net_bind_service"],
        noNewPrivileges: true,
        readOnlyRoot: false,
      },
    },
  );
  expect(lines).toEqual([
    "4711",
    "4712",
    "4712 4713 4714",
    "CapEff:\t0000000000000000",
    "CapBnd:\t0000000000000400",
    "NoNewPrivs:\t1",
    "/tmp",
  ]);
});

test("a command in a container has its mounts, user and working directory", async () => {
  const data = makeDir("data", { greeting: "hello" });
  const runtime = await fixture.open();
  const { id } = await runtime.start(
    fixture.spec({
      mounts: [mount(data, "/data")],
      workingDir: "/data",
      security: { ...NOBODY, user: 4711, group: 4711 },
    }),
  );
  const { output } = await runtime.exec(id, {
    command: ["sh", "-c", "cat greeting; id -u"],
    timeoutMs: 5000,
  });
  expect(output).toBe("hello\n4711");
});

test("a program out of a volume can be run", async () => {
  const data = makeDir("data", { tool: "#!/bin/sh\necho it runs" });
  execFileSync("chmod", ["+x", join(data, "tool")]);
  const runtime = await fixture.open();
  const { id, spec } = await runtime.start(
    fixture.spec({ command: ["/opt/shared/tool"], mounts: [mount(data, "/opt/shared")] }),
  );
  await whenEnded(runtime, id);
  expect(readMessages(spec.logPath, "stdout")).toEqual(["it runs"]);
});

test("an isolated container is found again, stopped and leaves nothing", async () => {
  const data = makeDir("data", {});
  const first = await fixture.open();
  const { id, state } = await first.start(fixture.spec({ mounts: [mount(data, "/data")] }));
  if (state.kind !== "running") throw new Error("it ended");
  await first.close();
  const second = await fixture.open();
  expect((await second.list())[0]?.state).toEqual(state);
  await second.stop(id, { graceSeconds: 1 });
  await second.remove(id);
  expect(existsSync(`/proc/${state.pid}`)).toBe(false);
});

function makeDir(name: string, files: Readonly<Record<string, string>>): string {
  const dir = join(fixture.dir, name);
  mkdirSync(dir);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(dir, file), `${text}\n`);
  return dir;
}

function mount(hostPath: string, containerPath: string): ContainerMount {
  return { hostPath, containerPath, readOnly: false, propagation: "private" };
}

/** The lines that a shell script says in a container. */
async function runShell(script: string, change: Partial<ContainerSpec>): Promise<readonly string[]> {
  const runtime = await fixture.open();
  const { id, spec } = await runtime.start(fixture.spec({ command: ["sh", "-c", script], ...change }));
  await whenEnded(runtime, id);
  return readMessages(spec.logPath, "stdout");
}

/** Other tests mount things meanwhile: only what is below our directories counts. */
function listMounts(): string {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(fixture.dir) || line.includes(" slipway "))
    .join("\n");
}
