import { join } from "node:path";
import { bundleTypeScript } from "../load-typescript.mjs";
import { runCommand } from "../run-command.mjs";
import { ratioRow, row } from "../statistics.mjs";

const MODULES = [
  "src/pki/issue.ts",
  "src/pki/certificate-list.ts",
  "src/kubeconfig/kubeconfig-list.ts",
  "src/kubeconfig/format-kubeconfig.ts",
  "test/support/init-config.ts",
];

/** All certificates and kubeconfigs, in memory, against the bare making of as many keys, in the same processes. */
export async function benchmarkCertificates(tools) {
  const outfile = join(tools.dir, "certificates.mjs");
  await bundleTypeScript({ modules: MODULES, outfile });
  const rows = [];
  for (const algorithm of ["ECDSA-P256", "RSA-2048"]) {
    const runs = [];
    for (let run = 0; run < (tools.quick ? 3 : 9); run += 1) {
      const argv = [
        process.execPath,
        join(import.meta.dirname, "issue-certificates.mjs"),
        outfile,
        algorithm,
      ];
      runs.push(JSON.parse((await runCommand(tools, { argv })).stdout));
    }
    const whole = runs.map(({ wholeMs }) => wholeMs);
    const keys = runs.map(({ keysMs }) => keysMs);
    rows.push(
      row(`${algorithm}: certificates and kubeconfigs`, "ms", whole),
      row(`${algorithm}: sixteen keys alone`, "ms", keys),
      ratioRow(`${algorithm}: whole / keys`, { over: whole, under: keys }),
    );
  }
  return rows;
}
