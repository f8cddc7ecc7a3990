import { expect, test } from "vitest";
import { quoteShell } from "../../../src/core/quote-shell.ts";
import { buildExecCommand, buildShimCommand } from "../../../src/runtime/shim.ts";

const options = {
  containerId: "abc",
  argv: ["/bin/program", "--flag", "$(rm -rf /) `x` 'y'"],
  env: {},
  workingDir: "/",
  exitPath: "/c/.exits/abc",
  identityPath: "/c/abc/identity",
  problemPath: "/c/abc/problem",
  cgroupProcsPaths: ["/cg/cgroup.procs"],
  oomScoreAdjust: undefined,
  isolation: { setpriv: [] },
  terminal: false,
};

test("values are arguments of the script and never part of it", () => {
  const { args } = buildShimCommand(options);
  expect(args[1]).toBe(buildShimCommand({ ...options, argv: ["other"], exitPath: "/x" }).args[1]);
  expect(args.slice(3)).toEqual([
    "/c/.exits/abc",
    "/cg/cgroup.procs",
    "--",
    "/c/abc/identity",
    "",
    "",
    "/",
    "setsid",
    "/bin/program",
    "--flag",
    "$(rm -rf /) `x` 'y'",
  ]);
});

test("a terminal's shell reads the words back as they are, and the container has its own SHELL or none", () => {
  const { args, env } = buildShimCommand({ ...options, terminal: true, env: { SHELL: "/bin/mine" } });
  const text = args.at(-2) ?? "";
  expect(args.slice(-7)).toEqual(["script", "-q", "-e", "-f", "-c", text, "/dev/null"]);
  expect(text).toContain(`/usr/bin/env -- SHELL=/bin/mine ${options.argv.map(quoteShell).join(" ")}`);
  expect(env).toMatchObject({ SHELL: "/bin/sh", TERM: "xterm" });
  const { args: plain } = buildShimCommand({ ...options, terminal: true });
  expect(plain.at(-2)).toContain("/usr/bin/env -u SHELL -- /bin/program");
});

test("the environment is not among the arguments", () => {
  const { args, env } = buildShimCommand({ ...options, env: { TOKEN: "hidden" } });
  expect(env["TOKEN"]).toBe("hidden");
  expect(args.join("\n")).not.toContain("hidden");
});

test("what a shell would drop or change passes it by way of env", () => {
  const { args, env } = buildExecCommand({
    containerId: "abc",
    argv: ["program"],
    env: { PATH: "/mine", "a.b": "1", plain: "2" },
    cgroupProcsPaths: ["/cg/cgroup.procs"],
    setpriv: [],
    namespacePid: undefined,
    workingDir: "/",
  });
  expect(args.slice(3)).toEqual([
    "/cg/cgroup.procs",
    "--",
    "/usr/bin/env",
    "--",
    "PATH=/mine",
    "a.b=1",
    "program",
  ]);
  expect(env).toMatchObject({ plain: "2", SLIPWAY_CONTAINER_ID: "abc" });
});
