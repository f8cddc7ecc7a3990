import type * as v from "valibot";
import { parseDurationMs } from "../core/duration.ts";
import { checkFields } from "./check-fields.ts";
import { decodeDocument } from "./decode-document.ts";
import { DEFAULT_TIMEOUTS_MS, DEFAULTS } from "./defaults.ts";
import { describeIdleTimeouts } from "./find-unsupported.ts";
import { describeFinding, type FieldFinding, selectFirstPerField } from "./findings.ts";
import { raiseConfigProblems } from "./parse-init-config.ts";
import { describeCheckName } from "./preflight-names.ts";
import { readDocuments } from "./read-documents.ts";
import { resetSchema } from "./schema.ts";

/** ResetConfiguration of kubeadm v1beta4, defaulted. */
export interface ResetConfig {
  /** Undefined, also for the default: wherever init put them. */
  readonly certificatesDir: string | undefined;
  readonly cleanupTmpDir: boolean;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly ignorePreflightErrors: readonly string[];
  readonly skipPhases: readonly string[];
  /** How long etcd may take to let a member go. */
  readonly etcdTimeoutMs: number;
  /** What is accepted and has no effect, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * The ResetConfiguration of a file. Other documents are not read. Raises SLIPWAY_CONFIG_INVALID with every error.
 * Source: kubeadm util/config/resetconfiguration.go.
 */
export function parseResetConfig(source: { readonly text: string; readonly path: string }): ResetConfig {
  const { path } = source;
  const kind = "ResetConfiguration";
  const file = readDocuments(source.text);
  const document = file.documents[kind];
  const missing = document === undefined ? [`${path}:1:1: there is no ${kind} in the file`] : [];
  const { value = {}, findings } = decodeDocument(resetSchema, { kind, value: document?.value ?? {} });
  const lines = selectFirstPerField([
    ...findings,
    ...checkFields({ kind, value }),
    ...findRefused(value),
  ]).map((finding) => describeFinding(finding, { path, documents: file.documents, flags: [] }));
  const problems = file.problems.map((problem) => `${path}:${problem}`);
  raiseConfigProblems(problems.length > 0 ? problems : [...missing, ...lines], { path });
  return {
    certificatesDir:
      value.certificatesDir === DEFAULTS.certificatesDir ? undefined : value.certificatesDir || undefined,
    cleanupTmpDir: value.cleanupTmpDir ?? false,
    dryRun: value.dryRun ?? false,
    force: value.force ?? false,
    ignorePreflightErrors: value.ignorePreflightErrors ?? [],
    skipPhases: value.skipPhases ?? [],
    etcdTimeoutMs: parseDurationMs(value.timeouts?.etcdAPICall ?? "") ?? DEFAULT_TIMEOUTS_MS.etcdAPICall,
    notes: describeIdleTimeouts(value.timeouts, { command: "reset", acting: ["etcdAPICall"] }),
  };
}

/** What a ResetConfiguration asks for that is not done, with the reason. */
function findRefused(value: v.InferOutput<typeof resetSchema>): readonly FieldFinding[] {
  const kind = "ResetConfiguration";
  const socket = value.criSocket;
  return [
    ...(socket && socket !== DEFAULTS.criSocket
      ? [{ kind, path: ["criSocket"], message: NO_CRI } as const]
      : []),
    ...(value.unmountFlags ?? []).flatMap((flag, index) =>
      DONE_ANYWAY.includes(flag)
        ? []
        : [
            {
              kind,
              path: ["unmountFlags", index],
              message: `${flag} is not for what the runner mounts: unmounting is lazy and follows no link; remove it`,
            } as const,
          ],
    ),
    ...(value.ignorePreflightErrors ?? []).flatMap((name, index) => {
      const message = describeCheckName(name);
      return message === undefined
        ? []
        : [{ kind, path: ["ignorePreflightErrors", index], message } as const];
    }),
  ];
}

/** Why no socket of a container runtime is taken. */
const NO_CRI =
  "reset stops the processes that init started, and none of a container runtime's: remove it, and see to those with crictl rmp";

/** Unmounting is lazy and follows no symlink in any case. */
const DONE_ANYWAY: readonly string[] = ["MNT_DETACH", "UMOUNT_NOFOLLOW"];
