import { findContainer, findStatus } from "../../apply/container-subject.ts";
import type { PodReport } from "../../control/protocol.ts";
import { probePorts } from "../../facts/probe-ports.ts";
import { describeHeldPort } from "../../preflight/check-ports.ts";
import type { ComponentFact } from "../../preflight/plane-facts.ts";
import { resolvePort } from "../../runner/probes/run-probe.ts";
import type { System } from "../../system/system.ts";

/**
 * A component ends within seconds where it cannot listen; one that is older has its port. Ours, with room for a slow
 * machine.
 */
const YOUNG_MS = 60_000;

/**
 * What is wrong with a component that is called ready because what another root's Slipway runs on its port has answered
 * its probe; undefined where nothing is.
 */
export async function explainUsurped(
  system: System,
  options: { readonly report: PodReport; readonly name: string; readonly root: string },
): Promise<ComponentFact["problem"]> {
  const { report, name, root } = options;
  const subject = { report, container: name };
  const startedAt = findStatus(subject)?.state.running?.startedAt;
  if (startedAt === undefined || system.clock.nowMs() - Date.parse(startedAt) > YOUNG_MS) return undefined;
  const container = findContainer(subject);
  const probe = container?.readinessProbe ?? container?.livenessProbe;
  const target = probe?.httpGet ?? probe?.tcpSocket;
  const port = container && target && resolvePort(container, target.port);
  if (port === undefined) return undefined;
  const [fact] = await probePorts(system, { ports: [{ name, host: target?.host ?? "0.0.0.0", port }] });
  const holder = fact?.holder?.root;
  if (fact === undefined || holder === undefined || holder === root) return undefined;
  const { why, fix } = describeHeldPort(fact, `port ${port}`);
  return { summary: "not ready", cause: `${why}, which answers for it`, fix };
}
