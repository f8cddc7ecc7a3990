import { findComponent } from "../control/find-component.ts";
import { formatHostPort } from "../core/host-port.ts";
import { redactSecrets } from "../core/redact.ts";
import type { FailureExplanation, TimedLine } from "../preflight/explain-failure.ts";
import { parseLogLine } from "../preflight/parse-log-line.ts";
import type { System } from "../system/system.ts";
import { type ContainerSubject, findFlag, isReady, type OtherPods } from "./container-subject.ts";
import { isAnswered } from "./explain-container.ts";

/** The port of an https URL that names none. */
const HTTPS_PORT = 443;

/**
 * That a controller manager or scheduler is sent where nobody answers, while the API server is ready somewhere else: its
 * kubeconfig names another server, or one of before this machine's address changed. Undefined after one try, which the API
 * server may have missed while it began.
 */
export async function explainLostServer(
  system: Pick<System, "net">,
  options: { readonly subject: ContainerSubject & OtherPods; readonly tries: readonly TimedLine[] },
): Promise<FailureExplanation | undefined> {
  const { subject, tries } = options;
  const server = findComponent(subject.reports ?? [], "kube-apiserver");
  if (server === undefined || !isReady(server) || tries.length < 2) return undefined;
  const said = parseLogLine(tries.at(-1)?.line ?? "").text;
  const [, origin] = /(?:Get|Post|Put) "(https:\/\/[^/"]+)\//.exec(said) ?? [];
  if (origin === undefined || !URL.canParse(origin)) return undefined;
  const { hostname, port } = new URL(origin);
  const address = formatHostPort(hostname.replace(/^\[|\]$/g, ""), Number(port) || HTTPS_PORT);
  if (await isAnswered(system, address)) return undefined;
  const path = findFlag(subject, "kubeconfig") ?? "its kubeconfig";
  return {
    decisiveLine: redactSecrets(said),
    cause: `nobody answers at ${origin}, where ${path} sends it; the API server is ready`,
    fix: `correct the server in ${path}, or move that file away to have it made anew; then: slipway init`,
    permanent: true,
    inManifest: false,
  };
}
