import type { Readable, Writable } from "node:stream";
import type { Isolation } from "./isolation.ts";
import type { ContainerUsage } from "./read-container-usage.ts";
import type { TerminationMessage } from "./read-termination-message.ts";

/** What a container is started from; everything is decided, nothing is looked up in the pod any more. */
export interface ContainerSpec extends Isolation {
  readonly podUid: string;
  readonly podName: string;
  readonly podNamespace: string;
  readonly containerName: string;
  /** 0 for the first run of this container in this pod, then counting up: the restart count. */
  readonly attempt: number;
  readonly image: string;
  /** The manifest's command and args, variables expanded. An empty command means the image's own entry point. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly workingDir: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path of the CRI-format log of this attempt. */
  readonly logPath: string;
  /** Absolute path of the symlink under /var/log/containers, without the `-<container id>.log` that is appended. */
  readonly logLinkPrefix: string;
  /** Seconds between the stop signal and SIGKILL when the pod is stopped and nothing else is known. */
  readonly graceSeconds: number;
  readonly oomScoreAdjust: number | undefined;
  /** Clients may type: `once` is the first of them only, with whom its input ends. Absent: there is none. */
  readonly input?: "open" | "once";
  /** It has a terminal for its input and output. */
  readonly terminal?: boolean;
  /** Absent: it may not say anything, as those of an earlier build. */
  readonly terminationMessage?: TerminationMessage;
  /** Kept with the container and given back by `list`, so that a later runner can finish what it began. */
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * A container as the runtime sees it.
 *
 *     start() ──▶ running ──(exit, kill, shim lost)──▶ exited ──remove()──▶ (gone)
 */
export interface RuntimeContainer {
  /** 64 hex digits. */
  readonly id: string;
  readonly spec: ContainerSpec;
  readonly imageId: string;
  readonly state: RuntimeState;
}

export type RuntimeState =
  | { readonly kind: "running"; readonly pid: number; readonly startedAtMs: number }
  | {
      readonly kind: "exited";
      /** 128 + signal number when a signal ended it. */
      readonly exitCode: number;
      readonly signal: number | undefined;
      /** `Completed`, `Error`, `OOMKilled`, `StartError`, `ContainerStatusUnknown`. */
      readonly reason: string;
      readonly message: string | undefined;
      readonly startedAtMs: number;
      readonly finishedAtMs: number;
    };

/** How a container is stopped. */
export interface StopOptions {
  readonly graceSeconds: number;
  readonly signalSent?: boolean;
}

/** The end of a command that was run in a container. */
export interface ExecResult {
  readonly exitCode: number;
  /** stdout and stderr together, cut at 10 KiB. */
  readonly output: string;
  readonly timedOut: boolean;
}

/** A terminal's size in characters. */
export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** A command that runs in a container, with its streams. With a terminal stderr comes on stdout. */
export interface ExecSession {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves with the exit code, 128 + signal number when a signal ended it. */
  readonly exited: Promise<number>;
  /** Without a terminal nothing happens. */
  resize(size: TerminalSize): Promise<void>;
  /** Tells the command that nobody is there any more. */
  hangUp(): void;
}

/** A client at a running container. */
export interface AttachSession {
  /** Undefined when none was asked for, or the container has none, or none any more. */
  readonly stdin: Writable | undefined;
  /** It was for one client alone, who came before. */
  readonly isInputTaken: boolean;
  /** Hands on what it writes from when the session was opened on; resolves when it has ended, or with the signal. */
  follow(
    stream: "stdout" | "stderr",
    to: { readonly write: (chunk: Buffer) => Promise<void>; readonly signal: AbortSignal },
  ): Promise<void>;
  /** Without a terminal nothing happens. */
  resize(size: TerminalSize): Promise<void>;
  close(): Promise<void>;
}

/** What decides which program of this machine an image and a command stand for. */
export type ImageUse = Pick<ContainerSpec, "image" | "command" | "mounts"> &
  Partial<Pick<ContainerSpec, "env" | "workingDir">>;

/** Whether an image can be run here: the reason is shown as the container's waiting message. */
export type ImageCheck =
  | { readonly kind: "present"; readonly imageId: string }
  | {
      readonly kind: "absent";
      readonly reason: "ErrImagePull" | "InvalidImageName";
      readonly message: string;
    };

/**
 * Runs containers. CRI has each of these methods, so that a container runtime behind it can stand here too.
 * Containers outlive the process that started them; a new Runtime over the same directories finds them again.
 */
export interface Runtime {
  /** `slipway` or the CRI runtime's name, and its version: `<name>://<version>` on the Node. */
  readonly name: string;
  readonly version: string;
  /** Every container that is known, running or exited, oldest first. */
  list(): Promise<readonly RuntimeContainer[]>;
  /** What containers that run use, by ID. */
  usages(): Promise<ReadonlyMap<string, ContainerUsage>>;
  checkImage(image: ImageUse): Promise<ImageCheck>;
  /**
   * Creates and starts a container. Resolves when its process runs (or has ended again already).
   * Raises SLIPWAY_IMAGE_UNAVAILABLE and SLIPWAY_CONTAINER_START.
   */
  start(spec: ContainerSpec): Promise<RuntimeContainer>;
  /**
   * Sends the stop signal, SIGKILL after `graceSeconds`, then whatever is left of its process tree. Resolves when
   * nothing of the container lives. Calling again with a shorter grace shortens the wait. Unknown or ended: resolves.
   * With `signalSent` an earlier runtime has sent the stop signal, and it is not sent again.
   */
  stop(id: string, options: StopOptions): Promise<void>;
  /** Forgets an exited container and removes its files, its log only when asked. Unknown: resolves. */
  remove(id: string, options?: { readonly withLog: boolean }): Promise<void>;
  exec(
    id: string,
    options: { readonly command: readonly string[]; readonly timeoutMs: number },
  ): Promise<ExecResult>;
  /** Starts a command in a running container; raises SLIPWAY_POD_NOT_FOUND when it does not run. */
  openExec(
    id: string,
    options: { readonly command: readonly string[]; readonly terminal: TerminalSize | undefined },
  ): Promise<ExecSession>;
  /** Attaches to a running container, with `input` to type, too; raises SLIPWAY_POD_NOT_FOUND when it does not run. */
  openAttach(id: string, options: { readonly input: boolean }): Promise<AttachSession>;
  /** Calls back whenever a container has ended, also one that was adopted. */
  onExit(listener: (container: RuntimeContainer) => void): void;
  /** Stops watching and pumping logs. Containers go on. */
  close(): Promise<void>;
}
