import { isSuccess } from "../../api/describe-response.ts";
import { readField } from "../../api/read-field.ts";
import { isObject } from "../../core/json.ts";
import type { System } from "../../system/system.ts";
import type { ApiLink } from "./api-link.ts";

const REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
/** Source: client-go util/certificate certificateWaitTimeout. */
const WAIT_MS = 15 * 60_000;
/** Ours: the controller-manager needs some hundred milliseconds, where a person approves it is minutes. */
const POLL_MS = 1_000;

/** A certificate in PEM, or why there is none. */
export type RequestOutcome =
  | { readonly kind: "issued"; readonly certPem: string }
  | { readonly kind: "failed"; readonly reason: string };

/**
 * Asks the cluster to sign the node's client certificate and waits until it has. The controller-manager approves and
 * signs where the binding for it exists. Source: client-go util/certificate/csr RequestCertificate, WaitForCertificate.
 */
export async function requestCertificate(
  system: Pick<System, "clock">,
  options: { readonly link: ApiLink; readonly requestPem: string; readonly signal: AbortSignal },
): Promise<RequestOutcome> {
  const { link, signal } = options;
  const created = await link.ask({ method: "POST", path: REQUESTS, body: buildRequest(options), signal });
  const name = readField(created.response?.body, "metadata", "name");
  if (created.response === undefined || !isSuccess(created.response) || typeof name !== "string")
    return { kind: "failed", reason: created.reason };
  const deadlineMs = system.clock.monotonicMs() + WAIT_MS;
  while (system.clock.monotonicMs() < deadlineMs) {
    const { response } = await link.ask({ method: "GET", path: `${REQUESTS}/${name}`, signal });
    const outcome = readOutcome(readField(response?.body, "status"), name);
    if (outcome !== undefined) return outcome;
    await system.clock.sleep(POLL_MS, signal);
  }
  return { kind: "failed", reason: `nobody approved and signed the request ${name} within 15 minutes` };
}

/** Source: client-go util/certificate DefaultKubeletClientGetUsages, for keys that are not RSA. */
function buildRequest({ requestPem }: { readonly requestPem: string }): object {
  return {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: { generateName: "csr-" },
    spec: {
      request: Buffer.from(requestPem).toString("base64"),
      signerName: "kubernetes.io/kube-apiserver-client-kubelet",
      usages: ["digital signature", "client auth"],
    },
  };
}

function readOutcome(status: unknown, name: string): RequestOutcome | undefined {
  const conditions = readField(status, "conditions");
  for (const condition of Array.isArray(conditions) ? conditions.filter(isObject) : []) {
    const { type, message } = condition;
    if (type === "Denied" || type === "Failed")
      return { kind: "failed", reason: `the request ${name} is ${type}: ${String(message ?? "")}` };
  }
  const certificate = readField(status, "certificate");
  return typeof certificate === "string" && certificate !== ""
    ? { kind: "issued", certPem: Buffer.from(certificate, "base64").toString("utf8") }
    : undefined;
}
