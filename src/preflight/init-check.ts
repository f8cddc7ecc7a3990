import type { InitConfig } from "../config/types.ts";
import type { SlipwayError } from "../core/errors.ts";
import type { InitFacts } from "../facts/types.ts";
import type { PlaneTraits } from "./check-earlier.ts";
import type { Finding } from "./types.ts";

/** What every check of `init` judges. */
export interface InitCheckInput {
  readonly config: InitConfig;
  readonly facts: InitFacts;
  /** A ledger of an earlier run stands under this root: its files, processes and ports are ours. */
  readonly resuming: boolean;
  /** What is there of a control plane that an earlier init has made; undefined: none is, or it is not to be changed. */
  readonly before?: PlaneTraits | undefined;
  /** Keys of CAs that were here once and are not any more. */
  readonly lostKeys?: readonly string[];
  /** The runners of this root: theirs is the manifest directory. */
  readonly ownRunners?: readonly number[];
  /** `external`: a kubelet will run the pods, so that it and its ports are welcome. Default `host`. */
  readonly runtime?: "host" | "external";
}

/** One check, or a few that judge the same fact. No finding: all is well. */
export type InitCheck = (input: InitCheckInput) => readonly Finding[];

/** What a finding says. */
export type FindingText = Pick<Finding, "what" | "why" | "fix" | "logLine">;

/** What an error says, with its details. */
export function toFindingText({ what, why, fix, details }: SlipwayError): FindingText {
  return { what, why: [why, ...details].join("; "), fix };
}

/** A finding that stops `init` unless it is ignored. */
export function errorFinding(name: string, text: FindingText): Finding {
  return { name, severity: "error", ...text };
}

/** A finding that is only told. */
export function warningFinding(name: string, text: FindingText): Finding {
  return { name, severity: "warning", ...text };
}
