import type { RenewAnswer, Renewal } from "../../commands/certs/certs-renew.ts";
import type { CertificateExpiration, ExpirationAnswer } from "../../commands/certs/check-expiration.ts";
import { formatTable } from "../../core/table.ts";
import { LOST_KEY } from "../../preflight/check-earlier.ts";

const DAY_SECONDS = 86_400;

/**
 * What `certs check-expiration` says to people, in kubeadm's tables. On a terminal of `columns` that they are too wide
 * for, what is nobody's case is left out.
 */
export function formatExpiration(
  answer: ExpirationAnswer,
  { columns }: { readonly columns?: number | undefined } = {},
): string {
  const lost = (answer.lostKeys ?? []).map(
    (path) => `\n${path} is not there\n  why: ${LOST_KEY.why}\n  fix: ${LOST_KEY.fix}\n`,
  );
  return `${fitTables(answer, columns)}${lost.join("")}`;
}

function fitTables(answer: ExpirationAnswer, columns: number | undefined): string {
  const whole = formatTables(answer);
  const { certificates, certificateAuthorities } = answer;
  const isWide = whole.split("\n").some((line) => line.length > (columns ?? line.length));
  const external = [...certificates, ...certificateAuthorities].some(
    ({ externallyManaged }) => externallyManaged,
  );
  if (!isWide || external) return whole;
  const rows = certificates.map((entry) => [...describeEnd(entry), entry.caName ?? ""]);
  const authorities = certificateAuthorities.map(describeEnd);
  return [
    formatTable(["CERTIFICATE", "EXPIRES", "RESIDUAL TIME", "AUTHORITY"], rows),
    formatTable(["AUTHORITY", "EXPIRES", "RESIDUAL TIME"], authorities),
  ].join("\n");
}

function formatTables({ certificates, certificateAuthorities }: ExpirationAnswer): string {
  const head = ["EXPIRES", "RESIDUAL TIME"];
  return [
    formatTable(
      ["CERTIFICATE", ...head, "CERTIFICATE AUTHORITY", "EXTERNALLY MANAGED"],
      certificates.map((entry) => [...describeEnd(entry), entry.caName ?? "", describeHand(entry)]),
    ),
    formatTable(
      ["CERTIFICATE AUTHORITY", ...head, "EXTERNALLY MANAGED"],
      certificateAuthorities.map((entry) => [...describeEnd(entry), describeHand(entry)]),
    ),
  ].join("\n");
}

function describeEnd(entry: CertificateExpiration): readonly string[] {
  const { name, expirationDate, residualTime, unreadable } = entry;
  if (unreadable !== undefined) return [`!UNREADABLE! ${name}`, "", ""];
  if (expirationDate === undefined) return [`!MISSING! ${name}`, "", ""];
  const days = Math.floor(residualTime / DAY_SECONDS);
  const left = days >= 2 * 365 ? `${Math.floor(days / 365)}y` : `${days}d`;
  return [name, expirationDate, residualTime < 0 ? "<expired>" : left];
}

function describeHand({ missing, unreadable, externallyManaged }: CertificateExpiration): string {
  if (missing === true || unreadable !== undefined) return "";
  return externallyManaged ? "yes" : "no";
}

const OUTCOMES = {
  renewed: ({ longName }: Renewal) => `${longName} renewed`,
  missing: ({ longName, path }: Renewal) => `MISSING! ${longName}: ${path}`,
  external: ({ longName, authority }: Renewal) =>
    `Detected external ${authority}, ${longName} can't be renewed`,
  own: ({ longName }: Renewal) => `${longName}: its kubelet renews it itself`,
} as const satisfies Record<Renewal["outcome"], (renewal: Renewal) => string>;

/** What `certs renew` says to people. */
export function formatRenewal({ certificates, restarted, outdated }: RenewAnswer): string {
  const lines = certificates.map((renewal) => OUTCOMES[renewal.outcome](renewal));
  const servesAnew = certificates.some(({ name, outcome }) => name === "apiserver" && outcome === "renewed");
  const ends = [
    ...(servesAnew && !restarted.includes("kube-apiserver")
      ? ["kube-apiserver reads what it serves with by itself, within a minute"]
      : []),
    ...(restarted.length === 0 ? [] : [`Restarted with the new files, one by one: ${restarted.join(", ")}`]),
    ...(outdated.length === 0
      ? []
      : [
          `Still running with the old files: ${outdated.join(", ")}; to restart them, one by one: slipway restart NAME`,
        ]),
  ];
  return `${[...lines, ...(ends.length === 0 ? [] : ["", ...ends])].join("\n")}\n`;
}
