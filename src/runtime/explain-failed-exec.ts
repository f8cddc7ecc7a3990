import { systemErrorCode } from "../core/errors.ts";
import type { System } from "../system/system.ts";
import type { ContainerRecord } from "./container-record.ts";
import type { ExitRecord } from "./container-store.ts";
import { readLogEnd } from "./read-termination-message.ts";

/** How who was to become a program ends when it cannot. Source: POSIX XCU 2.8.2, setsid(1), setpriv(1), env(1). */
const NOT_EXECUTED: readonly number[] = [126, 127];

/** How a shell ends that was given a program of another machine as its script. Source: POSIX XCU 2.8.1. */
const NO_SCRIPT = 2;

/** What they say, and nothing else: setsid and setpriv, env, and the shim's own shell. */
const COMPLAINT =
  /^(?:set(?:sid|priv): failed to execute (.+)|\S*env: ['‘]?([^'’]+)['’]?(: .+)|slipway-shim: \d+: (?:exec: )?(.+))$/;

/**
 * Why a container's program could not be executed, in the words of who tried; undefined when it was. A machine that runs
 * programs of others (binfmt_misc) is not told from one that does not, but there they rarely end so.
 */
export async function explainFailedExec(
  system: Pick<System, "fs" | "clock" | "host">,
  { record, exit }: { readonly record: ContainerRecord; readonly exit: ExitRecord },
): Promise<string | undefined> {
  const { exitCode, lost } = exit;
  const [program = ""] = record.argv;
  if (lost || (exitCode !== NO_SCRIPT && !NOT_EXECUTED.includes(exitCode))) return undefined;
  // execvp(3) has a shell run what the kernel does not know as a program.
  if (await isForeignProgram(system, program)) return `${program}: Exec format error`;
  if (exitCode === NO_SCRIPT) return undefined;
  const lines = (await readLogEnd(system, record.spec.logPath)).split("\n").filter(Boolean);
  const said = lines.length === 1 ? COMPLAINT.exec(lines[0] ?? "") : null;
  return said === null ? undefined : (said[1] ?? said[4] ?? `${said[2]}${said[3]}`);
}

/** The bytes that make a file a program, and which of them name the machine. Source: elf(5). */
const ELF = Buffer.from("\u007fELF", "latin1");
const HEADER_BYTES = 20;
const MACHINE_AT = 18;

/** The machines whose programs run here: those of 32 bits run on the 64-bit machine of their kind. Source: elf.h EM_*. */
const MACHINES: Readonly<Record<string, readonly number[]>> = { amd64: [62, 3], arm64: [183, 40] };

async function isForeignProgram(system: Pick<System, "fs" | "host">, path: string): Promise<boolean> {
  const known = MACHINES[system.host.architecture];
  if (known === undefined) return false;
  try {
    const file = await system.fs.open(path, { flags: "r" });
    try {
      const header = Buffer.alloc(HEADER_BYTES);
      const { bytesRead } = await file.read(header, 0, HEADER_BYTES, 0);
      if (bytesRead < HEADER_BYTES || !header.subarray(0, ELF.length).equals(ELF)) return false;
      return !known.includes(header.readUInt16LE(MACHINE_AT));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return false;
  }
}
