import { checkFields } from "./check-fields.ts";
import { decodeDocument } from "./decode-document.ts";
import { DEFAULTS } from "./defaults.ts";
import { describeFinding, selectFirstPerField } from "./findings.ts";
import { raiseConfigProblems } from "./parse-init-config.ts";
import { readDocuments } from "./read-documents.ts";
import { resetSchema } from "./schema.ts";

/** ResetConfiguration of kubeadm v1beta4, defaulted. */
export interface ResetConfig {
  readonly certificatesDir: string;
  readonly cleanupTmpDir: boolean;
  readonly criSocket: string;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly ignorePreflightErrors: readonly string[];
  readonly skipPhases: readonly string[];
  readonly unmountFlags: readonly string[];
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
  const lines = selectFirstPerField([...findings, ...checkFields({ kind, value })]).map((finding) =>
    describeFinding(finding, { path, documents: file.documents, flags: [] }),
  );
  const problems = file.problems.map((problem) => `${path}:${problem}`);
  raiseConfigProblems(problems.length > 0 ? problems : [...missing, ...lines], { path });
  return {
    certificatesDir: value.certificatesDir || DEFAULTS.certificatesDir,
    cleanupTmpDir: value.cleanupTmpDir ?? false,
    criSocket: value.criSocket || DEFAULTS.criSocket,
    dryRun: value.dryRun ?? false,
    force: value.force ?? false,
    ignorePreflightErrors: value.ignorePreflightErrors ?? [],
    skipPhases: value.skipPhases ?? [],
    unmountFlags: value.unmountFlags ?? [],
  };
}

/** What a ResetConfiguration asks for that the ledger makes needless, one sentence each. */
export function describeUnusedReset(config: ResetConfig): readonly string[] {
  const unused = [
    ["certificatesDir", config.certificatesDir !== DEFAULTS.certificatesDir],
    ["cleanupTmpDir", config.cleanupTmpDir],
    ["criSocket", config.criSocket !== DEFAULTS.criSocket],
    ["ignorePreflightErrors", config.ignorePreflightErrors.length > 0],
    ["skipPhases", config.skipPhases.length > 0],
    ["unmountFlags", config.unmountFlags.length > 0],
  ] as const;
  return unused
    .filter(([, asked]) => asked)
    .map(([name]) => `${name} has no effect: reset removes what init has listed, and nothing else`);
}
