import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CONTROL_PLANE_COMPONENTS } from "../../../src/core/constants.ts";
import { findComponent, type TestPlane } from "../plane.ts";

/**
 * Puts a kubelet of stand-in-kubelet.mjs beside a plane; gives the directory that it lies in, and what starts and stops
 * it.
 */
export async function installStandInKubelet(
  plane: TestPlane,
): Promise<{ readonly binDir: string; readonly service: string }> {
  const binDir = join(plane.dir, "bin");
  const programsDir = join(binDir, "programs");
  await mkdir(programsDir, { recursive: true });
  for (const name of CONTROL_PLANE_COMPONENTS)
    await symlink(await findComponent(name), join(programsDir, name));
  await mkdir(join(binDir, "node"));
  await symlink(process.execPath, join(binDir, "node/kubelet"));
  await writeFile(join(binDir, "kubelet"), "#!/bin/sh\necho Kubernetes v1.37.2\n", { mode: 0o755 });
  const script = join(import.meta.dirname, "stand-in-kubelet.mjs");
  const config = plane.path("var/lib/kubelet/config.yaml");
  const service = join(binDir, "kubelet-service");
  const run = `'${binDir}/node/kubelet' '${script}' '--config=${config}' '${programsDir}'`;
  await writeFile(
    service,
    `#!/bin/sh
pid_file='${binDir}/pid'
case $1 in
  start) setsid ${run} >/dev/null 2>&1 </dev/null & echo $! >"$pid_file" ;;
  stop)
    read -r pid <"$pid_file" || exit 0
    kill "$pid" 2>/dev/null
    while [ -d "/proc/$pid" ]; do sleep 0.05; done
    ;;
esac
`,
    { mode: 0o755 },
  );
  return { binDir, service };
}
