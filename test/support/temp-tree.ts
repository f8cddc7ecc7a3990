import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** What stands at a path: a file's text, a link's target, or an empty directory. */
export type TreeEntry = string | { readonly link: string } | "dir/";

/** A temp directory with these files under it, gone when the test ends. Paths may begin with `/`. */
export function createTempTree(entries: Readonly<Record<string, TreeEntry>>): string {
  const root = mkdtempSync(join(tmpdir(), "slipway-test-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, entry] of Object.entries(entries)) {
    const at = join(root, path);
    mkdirSync(entry === "dir/" ? at : dirname(at), { recursive: true });
    if (typeof entry !== "string") symlinkSync(entry.link, at);
    else if (entry !== "dir/") writeFileSync(at, entry);
  }
  return root;
}
