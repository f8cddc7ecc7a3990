import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import type { Shell } from "../../src/cli/completion/scripts.ts";
import { MAIN } from "./plane.ts";

/** What a shell is told before the first Tab: nothing of the machine's own set-up, then our script. */
const SETUPS: Readonly<
  Record<Shell, { readonly argv: readonly string[]; readonly lines: readonly string[] }>
> = {
  bash: {
    argv: ["bash", "--norc", "--noprofile", "-i"],
    lines: ["source <(slipway completion bash)"],
  },
  zsh: {
    argv: ["zsh", "-f", "-i"],
    lines: ["bindkey -e; autoload -Uz compinit; compinit -u -D", "source <(slipway completion zsh)"],
  },
  fish: {
    argv: ["fish", "--no-config", "--private", "-i"],
    lines: ["slipway completion fish | source"],
  },
};

/** A directory to type in, with `slipway` on the PATH. */
export interface ShellPlace {
  readonly dir: string;
  /** Types command lines in a real terminal of the shell, where `\t` is the Tab key; gives what has become of each. */
  type(shell: Shell, lines: readonly string[]): Promise<readonly string[]>;
  remove(): Promise<void>;
}

/** Makes a place with these files; names that end in `/` are directories. */
export async function createShellPlace(files: readonly string[]): Promise<ShellPlace> {
  const dir = await mkdtemp(join(tmpdir(), "slipway-shell-"));
  const binDir = join(dir, ".bin");
  const runtimeDir = join(dir, ".run");
  for (const path of [binDir, runtimeDir]) await mkdir(path, { mode: 0o700 });
  await writeFile(join(binDir, "slipway"), `#!/bin/sh\nexec ${process.execPath} ${MAIN} "$@"\n`, {
    mode: 0o755,
  });
  for (const name of files) {
    if (name.endsWith("/")) await mkdir(join(dir, name));
    else await writeFile(join(dir, name), "");
  }
  const env = {
    PATH: `${binDir}:${process.env["PATH"]}`,
    HOME: dir,
    TERM: "xterm",
    PS1: "$ ",
    LC_ALL: "C.UTF-8",
    // Where fish would make /tmp/fish.USER, and leave it.
    XDG_RUNTIME_DIR: runtimeDir,
  };
  return {
    dir,
    type: (shell, typed) => typeLines({ shell, typed, dir, env }),
    remove: () => rm(dir, { recursive: true }),
  };
}

async function typeLines(input: {
  readonly shell: Shell;
  readonly typed: readonly string[];
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
}): Promise<readonly string[]> {
  const { shell, typed, dir, env } = input;
  const { argv, lines } = SETUPS[shell];
  const child = execa("script", ["-qec", argv.join(" "), "/dev/null"], {
    cwd: dir,
    env,
    extendEnv: false,
    reject: false,
  });
  // Ctrl-A and Ctrl-E: each line as it has become is printed, not run.
  const echoed = typed.map((line) => `${line}\x01echo "[\x05]"`);
  child.stdin.write([...lines, ...echoed, "exit"].map((line) => `${line}\r`).join(""));
  const { stdout } = await child;
  const printed = stripVTControlCharacters(stdout).matchAll(/^\[(.*)\]\r?$/gm);
  return [...printed].map(([, line = ""]) => line.trimEnd());
}
