import { dirname } from "node:path";
import { quoteShell } from "../../core/quote-shell.ts";

/** The unit's name. */
export const SERVICE_NAME = "slipway-runner.service";
/** Where administrators' units lie. Source: systemd.unit(5). */
export const SERVICE_PATH = `/etc/systemd/system/${SERVICE_NAME}`;

/** What runs a runner: the program with its first arguments, and the root. */
export interface RunnerCommand {
  readonly command: readonly string[];
  readonly root: string;
  readonly logPath: string;
  /** How long its pods may take to end when the machine goes down; undefined: each has its own grace. */
  readonly shutdownSeconds?: number | undefined;
}

/** What pods take that end in three stages with the usual grace of 30 s each. */
const USUAL_SHUTDOWN_SECONDS = 90;
/** Each stage may be followed by SIGKILL and its aftermath; ours. */
const STOP_SLACK_SECONDS = 30;

/** How long whoever takes a machine down has to wait for a runner that stops its pods. */
export function stopSecondsOf({ shutdownSeconds = USUAL_SHUTDOWN_SECONDS }: RunnerCommand): number {
  return shutdownSeconds + STOP_SLACK_SECONDS;
}

/**
 * The runner as a service of systemd. KillMode=process: the pods outlive the runner. They are stopped in order when
 * the machine shuts down, and only then. The shell makes the log's directory, for where /var/log is a tmpfs it is
 * gone after a reboot and StandardOutput=append: would fail.
 * Source: systemd.service(5), systemd.kill(5), systemctl(1) is-system-running.
 */
export function formatSystemdUnit(service: RunnerCommand): string {
  const { command, root, logPath } = service;
  const runner = (...words: readonly string[]): string =>
    [...command, "runner", ...words, "--root", root].map(quoteShell).join(" ");
  const [log, logDir] = [logPath, dirname(logPath)].map(quoteShell);
  const start = `mkdir -p ${logDir} && exec ${runner("run")} >>${log} 2>&1`;
  const stop = `[ "$(systemctl is-system-running)" != stopping ] || exec ${runner("stop", "--pods")}`;
  return `[Unit]
Description=Slipway's static pod runner
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=/bin/sh -c ${quoteWord(start)}
ExecReload=/bin/kill -HUP $MAINPID
ExecStop=/bin/sh -c ${quoteWord(stop)}
Restart=on-failure
RestartSec=1
KillMode=process
Delegate=yes
TimeoutStopSec=${stopSecondsOf(service)}
SuccessExitStatus=130 143

[Install]
WantedBy=multi-user.target
`;
}

/** Source: systemd.service(5) "Command lines", systemd.syntax(7) "Quoting". */
function quoteWord(word: string): string {
  const escaped = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  if (/^[\w@%+=:,./$-]+$/.test(escaped)) return escaped;
  return `"${escaped.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
