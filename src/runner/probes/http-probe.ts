import { parseFailedChecks } from "../../api/wait-for-path.ts";
import { messageOf } from "../../core/errors.ts";
import type { System } from "../../system/system.ts";
import type { ProbeOutcome } from "./apply-probe-result.ts";
import { type HttpAnswer, type HttpGet, requestHttp } from "./request-http.ts";
import { withinTime } from "./within-time.ts";

/** An HTTP probe with everything looked up. */
export interface HttpProbe extends HttpGet {
  /** For one try as a whole: connection, redirects and body. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Source: kubelet prober/prober.go maxProbeRetries. */
const MAX_TRIES = 3;

/** Of an answer that lists no checks; ours: enough for a sentence. */
const MAX_QUOTED = 200;

/**
 * GET; a status of 200 to 399 is a success, no answer a failure. An answer whose body does not come, in time or at all, is
 * asked for three times in all and then says nothing of the container.
 * Source: pkg/probe/http/http.go DoHTTPProbe, kubelet prober/prober.go runProbeWithRetries, prober/worker.go doProbe.
 */
export async function runHttpProbe(system: Pick<System, "net">, probe: HttpProbe): Promise<ProbeOutcome> {
  let outcome = await tryOnce(system, probe);
  for (let tries = 1; tries < MAX_TRIES && outcome.kind === "error" && !probe.signal.aborted; tries += 1)
    outcome = await tryOnce(system, probe);
  return outcome;
}

async function tryOnce(system: Pick<System, "net">, probe: HttpProbe): Promise<ProbeOutcome> {
  try {
    return judge(await withinTime(probe, (signal) => requestHttp(system, { ...probe, signal })));
  } catch (error) {
    return { kind: "failure", message: messageOf(error) };
  }
}

function judge(answer: HttpAnswer): ProbeOutcome {
  const { status, cutBecause, leftTo } = answer;
  if (cutBecause !== undefined)
    return { kind: "error", message: `the body of the answer does not come: ${messageOf(cutBecause)}` };
  if (leftTo !== undefined)
    return { kind: "success", warning: `Probe terminated redirects: the server points to ${leftTo}` };
  if (status >= 200 && status < 400) return { kind: "success" };
  const failed = parseFailedChecks(answer.body);
  const line = answer.body.trim().split("\n")[0]?.slice(0, MAX_QUOTED) ?? "";
  const body = failed.length > 0 ? `failed checks: ${failed.join(", ")}` : line;
  const said = body === "" ? "" : ` (${body})`;
  return { kind: "failure", message: `HTTP probe failed with statuscode: ${status}${said}` };
}
