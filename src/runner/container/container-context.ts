import type { RuntimeContainer } from "../../runtime/types.ts";
import type { BackOffSchedule } from "../pod/back-off.ts";
import type { PodRecord } from "../pod/pod-record.ts";
import type { ProbeRunner } from "../probes/run-probe.ts";
import type { EventRecorder } from "../types.ts";
import type { KnownPod } from "./container-annotations.ts";
import type { ContainerSlot } from "./container-slot.ts";
import type { HookRunner } from "./run-hook.ts";
import type { StartOptions } from "./start-container.ts";

/** What the containers of one pod share. */
export interface PodContext {
  readonly known: KnownPod;
  readonly runner: StartOptions;
  readonly probes: ProbeRunner;
  readonly hooks: HookRunner;
  readonly schedule: BackOffSchedule;
  readonly record: PodRecord;
  readonly events: EventRecorder;
  /** Something has happened: compare again what is with what should be. */
  readonly wake: () => void;
  /** Ends that were told before the start had returned, by container ID. */
  readonly earlyExits: Map<string, RuntimeContainer>;
}

/** A container of that context. */
export interface SlotOptions {
  readonly context: PodContext;
  readonly slot: ContainerSlot;
}

/** Records an event about a container. */
export function record(
  options: SlotOptions,
  event: { readonly type: "Normal" | "Warning"; readonly reason: string; readonly message: string },
): void {
  const { name, namespace } = options.context.known.desired.pod.metadata;
  options.context.events.record({ ...event, pod: name, namespace, container: options.slot.container.name });
}

/** What log lines about a container carry. */
export function namesOf(options: SlotOptions): { readonly pod: string; readonly container: string } {
  return { pod: options.context.known.desired.pod.metadata.name, container: options.slot.container.name };
}
