// Asks the kubeadm of each older minor once and keeps how its files differ from the newest's: needs root's rights, and
// Go for the first time. Run it when the matrix or OLD_VERSIONS changes: node test/support/kubeadm/record-minors.mjs
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleTypeScript, HOME } from "../../bench/load-typescript.mjs";

const outfile = join(HOME, ".record-minors.mjs");
await bundleTypeScript({ modules: ["test/support/kubeadm/minors.ts"], outfile });
try {
  const { recordMinors } = await import(outfile);
  const record = await recordMinors("v1.37.2");
  writeFileSync(join(HOME, "test/fixtures/kubeadm-minors.json"), `${JSON.stringify(record, undefined, 1)}\n`);
} finally {
  rmSync(outfile);
}
