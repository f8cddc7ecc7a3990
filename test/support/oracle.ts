import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { buildGoMod } from "../../src/components/sources/go-module.ts";
import { DEFAULT_KUBERNETES_VERSION } from "../../src/core/constants.ts";

const run = promisify(execFile);

export interface OraclePod {
  readonly metadata: { readonly name: string; readonly uid: string };
}

/** What the kubelet's source made of a directory or of a URL's answer. */
export interface OracleAnswer {
  readonly pods: readonly OraclePod[];
  readonly messages?: readonly string[];
}

/** The kubelet's own config source as a program. */
export interface Oracle {
  /** The fields of a v1 Pod, as `src/pod/api-types.ts` has them. */
  types(): Promise<string>;
  /** One answer a request, in order. */
  ask(
    requests: readonly { readonly kind: "url" | "dir" | "env"; readonly path: string }[],
  ): Promise<readonly OracleAnswer[]>;
  destroy(): Promise<void>;
}

/**
 * Builds test/oracle against the Kubernetes module of the default version. The packages that a component build has
 * compiled are in Go's cache: then this takes seconds.
 */
export async function buildOracle(): Promise<Oracle> {
  const dir = await mkdtemp(join(tmpdir(), "slipway-oracle-"));
  await cp(resolve(import.meta.dirname, "../oracle"), dir, { recursive: true });
  const env = { ...process.env, CGO_ENABLED: "0" };
  const go = (...args: readonly string[]) => run("go", [...args], { cwd: dir, env, maxBuffer: 1 << 24 });
  const target = {
    modulePath: "k8s.io/kubernetes",
    version: DEFAULT_KUBERNETES_VERSION,
    names: [],
    verb: "build" as const,
    packages: [],
    linkerFlags: "-s -w",
  };
  await writeFile(join(dir, "go.mod"), "module slipway.local/oracle\n");
  const { stdout } = await go("mod", "download", "-json", `${target.modulePath}@${target.version}`);
  const { GoMod } = JSON.parse(stdout) as { GoMod: string };
  await writeFile(join(dir, "go.mod"), buildGoMod(target, await readFile(GoMod, "utf8")));
  const program = join(dir, "oracle");
  await go(
    "build",
    "-mod=mod",
    "-trimpath",
    "-buildvcs=false",
    "-ldflags",
    target.linkerFlags,
    "-o",
    program,
    ".",
  );
  return {
    types: async () => (await run(program, ["types"])).stdout.trimEnd(),
    ask: async (requests) => {
      const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
      child.stdin.end(requests.map(({ kind, path }) => `${kind} ${path}\n`).join(""));
      const answers: OracleAnswer[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        answers.push(JSON.parse(line) as OracleAnswer);
      }
      return answers;
    },
    destroy: () => rm(dir, { recursive: true, force: true }),
  };
}

/** Writes texts as files of a new directory, `0`, `1`, …; gives their paths. */
export async function writeBodies(
  dir: string,
  texts: readonly (string | Uint8Array)[],
): Promise<readonly string[]> {
  await mkdir(dir, { recursive: true });
  const paths = texts.map((_text, index) => join(dir, String(index)));
  for (const [index, path] of paths.entries()) await writeFile(path, texts[index] ?? "");
  return paths;
}
