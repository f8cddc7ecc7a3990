import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { buildProgram } from "../../../esbuild.config.mjs";

// node build.mjs DIR: puts there the program as it is shipped, but that SLIPWAY_FAULT_POINT (`before certs/ca`,
// `in ledger`, `after stop`) names a moment at which SLIPWAY_FAULT_COMMAND is run; and in DIR/components stand-ins for
// the components.

const CLONE = resolve(import.meta.dirname, "../../..");

/** Modules of the program, and ours that take their place: those call the real ones and tell of each moment. */
const REPLACED = {
  "src/apply/step-handlers.ts": "step-handlers.ts",
  "src/apply/ledger.ts": "ledger.ts",
  "src/apply/reset/leave-etcd-cluster.ts": "leave-etcd-cluster.ts",
  "src/apply/reset/remove-path.ts": "remove-path.ts",
  "src/apply/reset/remove-state.ts": "remove-state.ts",
  "src/apply/reset/stop-everything.ts": "stop-everything.ts",
};

const replaceModules = {
  name: "replace-modules",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir, importer }) => {
      if (importer.startsWith(import.meta.dirname)) return undefined;
      const ours = REPLACED[resolve(resolveDir, path).slice(CLONE.length + 1)];
      return ours === undefined ? undefined : { path: join(import.meta.dirname, ours) };
    });
  },
};

const COMPONENTS = {
  etcd: "etcd Version: 3.7.0",
  "kube-apiserver": "Kubernetes v1.37.2",
  "kube-controller-manager": "Kubernetes v1.37.2",
  "kube-scheduler": "Kubernetes v1.37.2",
  kubectl: '{"clientVersion": {"gitVersion": "v1.37.2"}}',
};

const [dir] = process.argv.slice(2);
await buildProgram(join(dir, "dist"), [replaceModules]);
await writeFile(join(dir, "package.json"), '{ "name": "slipway", "version": "0.1.0", "type": "module" }\n');

const components = join(dir, "components");
const program = join(components, "component.mjs");
await mkdir(join(components, "node"), { recursive: true });
await build({
  absWorkingDir: CLONE,
  entryPoints: ["test/support/faults/fixture-component.ts"],
  outfile: program,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
});
for (const [name, version] of Object.entries(COMPONENTS)) {
  const tellVersion = `case "$1" in --version | version) echo '${version}'; exit ;; esac`;
  // Under its own name, by which a process that holds a port is known.
  const node = join(components, "node", name);
  await symlink(process.execPath, node);
  const run = `exec '${node}' '${program}' ${name} "$@"`;
  await writeFile(join(components, name), `#!/bin/sh\n${tellVersion}\n${run}\n`);
  await chmod(join(components, name), 0o755);
}
