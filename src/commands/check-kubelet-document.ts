import { describeFinding } from "../config/findings.ts";
import { raiseConfigProblems } from "../config/parse-init-config.ts";
import { readDocuments } from "../config/read-documents.ts";

/**
 * Checks what a file's KubeletConfiguration says to the runner, which would refuse to start with it. Raises
 * SLIPWAY_CONFIG_INVALID with every error and its place.
 */
export async function checkKubeletDocument({
  text,
  path,
}: {
  readonly text: string;
  readonly path: string;
}): Promise<void> {
  const { documents } = readDocuments(text);
  const document = documents.KubeletConfiguration;
  if (document === undefined) return;
  // Its schema takes time to build.
  const { decodeKubeletConfiguration } = await import("../runner/settings/decode-kubelet.ts");
  const decoded = decodeKubeletConfiguration(document.value);
  const faults = decoded.kind === "wrong" ? decoded.faults : [];
  const lines = faults.map((fault) =>
    describeFinding({ kind: "KubeletConfiguration", ...fault }, { path, documents, flags: [] }),
  );
  raiseConfigProblems(lines, { path });
}
