import type * as v from "valibot";
import { checkFields } from "./check-fields.ts";
import { checkJoin } from "./check-join.ts";
import { COMPONENT_TREES, componentSchema } from "./component-document.ts";
import { decodeDocument } from "./decode-document.ts";
import { type DocumentKind, describeFinding, type FieldFinding, selectFirstPerField } from "./findings.ts";
import { inspectInitConfig, raiseConfigProblems, valuesOf } from "./parse-init-config.ts";
import { type ConfigDocuments, readDocuments } from "./read-documents.ts";
import { joinSchema, resetSchema, slipwaySchema, upgradeSchema } from "./schema.ts";
import { type DocumentValues, upgradeDocuments } from "./upgrade-documents.ts";

/** What was found in a valid file. */
export interface ValidatedConfig {
  readonly kinds: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Checks every document of a configuration file, those of join, reset and upgrade too. Documents of other programs are
 * errors here, for they do nothing in such a file. Raises SLIPWAY_CONFIG_INVALID.
 * Source: kubeadm util/config/common.go ValidateConfig.
 */
export function validateConfig(source: { readonly text: string; readonly path: string }): ValidatedConfig {
  const { path } = source;
  const file = readDocuments(source.text);
  const hasInit = (file.documents.InitConfiguration ?? file.documents.ClusterConfiguration) !== undefined;
  const init = hasInit
    ? inspectInitConfig(source, file)
    : { problems: file.problems.map((problem) => `${path}:${problem}`), notes: [] };
  const others = checkOthers(file, { hasInit }).map((finding) =>
    describeFinding(finding, { path, documents: file.documents, flags: [] }),
  );
  const strangers = file.strangers.map((stranger) => `${path}:${stranger}`);
  const problems = [...init.problems, ...strangers, ...others];
  const kinds = Object.keys(file.documents);
  const empty = kinds.length === 0 && problems.length === 0;
  raiseConfigProblems(empty ? [`${path}:1:1: there is no document in the file`] : problems, { path });
  return { kinds, notes: init.notes };
}

/** What is wrong with the documents that init does not read. */
function checkOthers(
  file: ConfigDocuments,
  { hasInit }: { readonly hasInit: boolean },
): readonly FieldFinding[] {
  const { values, findings } = upgradeDocuments(valuesOf(file), file.old);
  return selectFirstPerField([
    ...findings.filter(({ kind }) => kind === "JoinConfiguration"),
    ...checkJoinDocument(values),
    ...checkDocument(values, { kind: "ResetConfiguration", schema: () => resetSchema }),
    ...checkDocument(values, { kind: "UpgradeConfiguration", schema: () => upgradeSchema }),
    ...(hasInit
      ? []
      : [
          ...checkComponents(values),
          ...checkDocument(values, { kind: "SlipwayConfiguration", schema: () => slipwaySchema }),
        ]),
  ]);
}

function checkJoinDocument(values: DocumentValues): readonly FieldFinding[] {
  const kind = "JoinConfiguration";
  if (values[kind] === undefined) return [];
  const { value, findings } = decodeDocument(joinSchema, { kind, value: values[kind] });
  return [...findings, ...checkFields({ kind, value }), ...(value === undefined ? [] : checkJoin(value))];
}

function checkComponents(values: DocumentValues): readonly FieldFinding[] {
  return (["KubeletConfiguration", "KubeProxyConfiguration"] as const).flatMap((kind) =>
    checkDocument(values, { kind, schema: () => componentSchema(COMPONENT_TREES[kind]) }),
  );
}

function checkDocument(
  values: DocumentValues,
  document: { readonly kind: DocumentKind; readonly schema: () => v.GenericSchema },
): readonly FieldFinding[] {
  const { kind } = document;
  if (values[kind] === undefined) return [];
  const { value, findings } = decodeDocument(document.schema(), { kind, value: values[kind] });
  return [...findings, ...checkFields({ kind, value })];
}
