import { buildPaths } from "../core/paths.ts";
import { quoteShown } from "../core/quote-shell.ts";
import { errorFinding, type InitCheck } from "./init-check.ts";

/** Two runners on one directory would start every pod twice. */
export const checkOtherRunners: InitCheck = ({ config, facts, resuming, runtime, ownRunners = [] }) => {
  if (runtime === "external") return [];
  const { manifestDir } = buildPaths({ root: config.root, uid: facts.machine.uid });
  return facts.otherRunners
    .filter(({ command, pid }) => !(resuming && command === "slipway" && ownRunners.includes(pid)))
    .map(({ pid, command, root = config.root }) =>
      errorFinding("OtherRunner", {
        what: `${command} (pid ${pid}) already runs the static pods in ${manifestDir}`,
        why: "two of them on one directory would start every pod twice",
        fix:
          command === "slipway"
            ? `slipway runner stop --root ${quoteShown(root)}`
            : `stop it (systemctl disable --now kubelet, or kill ${pid}), or let it run the pods: --runtime external`,
      }),
    );
};
