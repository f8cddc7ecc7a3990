import type { FieldFinding } from "./findings.ts";
import { describeCheckName } from "./preflight-names.ts";
import type { InitDocument } from "./schema.ts";

/** Which preflight errors of the file are to be ignored but do not exist. */
export function checkIgnoredErrors(init: InitDocument): readonly FieldFinding[] {
  return (init.nodeRegistration?.ignorePreflightErrors ?? []).flatMap((name, index) => {
    const message = describeCheckName(name);
    const path = ["nodeRegistration", "ignorePreflightErrors", index];
    return message === undefined ? [] : [{ kind: "InitConfiguration" as const, path, message }];
  });
}
