import { buildPaths } from "../core/paths.ts";
import { quoteShown } from "../core/quote-shell.ts";
import type { InitFacts } from "../facts/types.ts";
import { errorFinding, type FindingText, type InitCheck } from "./init-check.ts";

/** Two runners on one directory would start every pod twice. */
export const checkOtherRunners: InitCheck = ({ config, facts, resuming, runtime, ownRunners = [] }) => {
  if (runtime === "external") return [];
  const { manifestDir } = buildPaths({ root: config.root, uid: facts.machine.uid });
  return facts.otherRunners
    .filter(({ command, pid }) => !(resuming && command === "slipway" && ownRunners.includes(pid)))
    .map((other) =>
      errorFinding(
        "OtherRunner",
        describeOtherRunner(other, { manifestDir, root: config.root, instead: "--runtime external" }),
      ),
    );
};

/** What there is to say of another one than this root's runner that runs the static pods of its directory. */
export function describeOtherRunner(
  { pid, command, root }: InitFacts["otherRunners"][number],
  own: {
    readonly manifestDir: string;
    readonly root: string;
    /** What lets a kubelet run the pods. */
    readonly instead: string;
  },
): FindingText {
  return {
    what: `${command} (pid ${pid}) already runs the static pods in ${own.manifestDir}`,
    why: "two of them on one directory would start every pod twice",
    fix:
      command === "slipway"
        ? `slipway runner stop --root ${quoteShown(root ?? own.root)}`
        : `stop it (systemctl disable --now kubelet, or kill ${pid}), or let it run the pods: ${own.instead}`,
  };
}
