import { cpus, freemem, hostname, networkInterfaces, release, totalmem } from "node:os";
import { releaseMemory } from "./release-memory.ts";

/** An address of one of the machine's interfaces. */
export interface InterfaceAddress {
  readonly interfaceName: string;
  readonly address: string;
  readonly family: "IPv4" | "IPv6";
  readonly prefixLength: number;
  readonly internal: boolean;
}

/** What this process and its machine are. */
export interface Host {
  readonly pid: number;
  /** When this process began, milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly uid: number;
  readonly gid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Go's name: `amd64`, `arm64`, … */
  readonly architecture: string;
  readonly execPath: string;
  workingDir(): string;
  hostName(): string;
  kernelRelease(): string;
  cpuCount(): number;
  totalMemoryBytes(): number;
  freeMemoryBytes(): number;
  addresses(): readonly InterfaceAddress[];
  /** Sends a signal to a process, or to a process group for a negative pid; false when there is none. */
  kill(pid: number, signal: NodeJS.Signals | 0): boolean;
  /** Gives back what memory this process does not need any more. */
  releaseMemory(): Promise<void>;
  /** How much memory this process holds. */
  residentBytes(): number;
}

const GO_ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** This process's view of the machine. */
export function createHost(): Host {
  return {
    pid: process.pid,
    startedAtMs: performance.timeOrigin,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    env: process.env,
    architecture: GO_ARCHITECTURES[process.arch] ?? process.arch,
    execPath: process.execPath,
    workingDir: () => process.cwd(),
    hostName: () => hostname(),
    kernelRelease: () => release(),
    cpuCount: () => cpus().length,
    totalMemoryBytes: () => totalmem(),
    freeMemoryBytes: () => freemem(),
    addresses: readAddresses,
    kill: sendSignal,
    releaseMemory,
    residentBytes: () => process.memoryUsage.rss(),
  };
}

function readAddresses(): readonly InterfaceAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([interfaceName, addresses]) =>
    (addresses ?? []).map((entry) => ({
      interfaceName,
      address: entry.address,
      family: entry.family,
      prefixLength: Number(entry.cidr?.split("/")[1] ?? 0),
      internal: entry.internal,
    })),
  );
}

function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}
