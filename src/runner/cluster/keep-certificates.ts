import { messageOf, SlipwayError } from "../../core/errors.ts";
import type { System } from "../../system/system.ts";
import type { CertificateRenewal, RunnerOptions } from "../types.ts";
import type { ApiLink } from "./api-link.ts";
import { createBackOff } from "./back-off.ts";
import { type Loop, startLoop } from "./level-loop.ts";
import { computeRenewalTime } from "./renewal-time.ts";
import { requestCertificate } from "./request-certificate.ts";

/** The files may have been replaced by somebody else; and timers do not run while a machine sleeps. Ours. */
const LOOK_MS = 60_000;
/** Source: client-go util/certificate certificate_manager.go rotateCerts: 2 s, doubling; the upper end is ours. */
const RETRY = { firstMs: 2_000, maxMs: 600_000 };

/** Somebody may be about to put the files there: what is lost is looked for a second time. Ours. */
const LOST_LOOK_MS = 5_000;

/**
 * Renews the node's client certificate through the cluster, as a kubelet does, and its serving certificate with the
 * cluster's CA, also when that is lost. A client certificate that has ended already, with which nobody could ask, is
 * signed with the CA, too.
 */
export function keepCertificates(
  system: Pick<System, "clock" | "log" | "fs" | "random">,
  options: {
    readonly link: ApiLink;
    readonly runner: RunnerOptions;
    readonly renewal: CertificateRenewal;
    readonly onRenewed: () => void;
  },
): Pick<Loop, "close"> {
  const { runner, renewal, link } = options;
  const { credentials, kubelet } = runner;
  const client = keepCertificate(system, {
    name: "client",
    read: async () => (await credentials?.())?.cert,
    renew: async ({ hasEnded, signal }) => {
      if (hasEnded && (await renewal.signHere("client")).kind === "signed") return options.onRenewed();
      const { requestPem, keyPem } = await renewal.makeRequest();
      const outcome = await requestCertificate(system, { link, requestPem, signal });
      if (outcome.kind === "failed") throw new Error(outcome.reason);
      await renewal.replaceClient({ certPem: outcome.certPem, keyPem });
    },
  });
  const serving = keepCertificate(system, {
    name: "serving",
    read: async () =>
      kubelet.tlsCertFile === undefined ? undefined : ((await renewal.readServing()) ?? "lost"),
    renew: async () => {
      const outcome = await renewal.signHere("serving");
      if (outcome.kind === "refused") throw new Error(outcome.reason);
    },
  });
  return {
    close: async () => {
      await Promise.all([client.close(), serving.close()]);
    },
  };
}

interface Certificate {
  readonly name: "client" | "serving";
  /** PEM; undefined for none that is to be kept. */
  readonly read: () => Promise<string | "lost" | undefined>;
  readonly renew: (due: { readonly hasEnded: boolean; readonly signal: AbortSignal }) => Promise<void>;
}

/** Credentials that cannot be read are told by the jobs that need them. */
function ignoreUnreadable(error: unknown): undefined {
  if (!(error instanceof SlipwayError)) throw error;
}

function keepCertificate(system: Pick<System, "clock" | "log" | "random">, certificate: Certificate): Loop {
  const { name } = certificate;
  const part = Number.parseInt(system.random.hex(4), 16) / 2 ** 32;
  const backOff = createBackOff(RETRY);
  let told: string | undefined;
  let wasLost = false;
  const pass = async (signal: AbortSignal): Promise<number> => {
    const certPem = await certificate.read().catch(ignoreUnreadable);
    if (certPem === undefined) return LOOK_MS;
    const isLost = certPem === "lost";
    if (isLost && !wasLost) {
      wasLost = true;
      return LOST_LOOK_MS;
    }
    wasLost = isLost;
    const nowMs = system.clock.nowMs();
    const { dueMs, endMs } = isLost ? { dueMs: nowMs, endMs: nowMs } : computeRenewalTime(certPem, part);
    if (nowMs < dueMs) return Math.min(dueMs - nowMs, LOOK_MS);
    try {
      await certificate.renew({ hasEnded: nowMs >= endMs, signal });
      system.log.info("certificate renewed", { certificate: name });
      backOff.reset();
      told = undefined;
      return LOOK_MS;
    } catch (error) {
      if (signal.aborted) throw error;
      const reason = messageOf(error);
      if (reason !== told)
        system.log.warn("certificate not renewed", {
          certificate: name,
          ...(isLost ? { lost: true } : { ends: new Date(endMs).toISOString() }),
          error: reason,
        });
      told = reason;
      return backOff.nextMs();
    }
  };
  return startLoop(system, { name: `${name} certificate`, pass });
}
