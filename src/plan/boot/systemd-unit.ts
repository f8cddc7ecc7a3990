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
  /** How long its pods may take to end when the machine goes down; undefined: nobody says. */
  readonly shutdownSeconds?: number;
}

/** What pods take that end in three stages with the usual grace of 30 s, and then some; ours. */
const STOP_SECONDS = 120;
/** Each stage may be followed by SIGKILL and its aftermath; ours. */
const STOP_SLACK_SECONDS = 30;

/**
 * The runner as a service of systemd. KillMode=process: the pods outlive the runner. They are stopped in order when
 * the machine shuts down, and only then. Source: systemd.service(5), systemd.kill(5), systemctl(1) is-system-running.
 */
export function formatSystemdUnit(service: RunnerCommand): string {
  const { command, root, logPath, shutdownSeconds = 0 } = service;
  const stopSeconds = Math.max(STOP_SECONDS, shutdownSeconds + STOP_SLACK_SECONDS);
  const runner = (...words: readonly string[]): string =>
    [...command, "runner", ...words, "--root", root].map(quoteWord).join(" ");
  const stopPods = [...command, "runner", "stop", "--pods", "--root", root].map(quoteShell).join(" ");
  const script = `[ "$(systemctl is-system-running)" != stopping ] || exec ${stopPods}`;
  return `[Unit]
Description=Slipway's static pod runner
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=${runner("run")}
ExecReload=/bin/kill -HUP $MAINPID
ExecStop=/bin/sh -c ${quoteWord(script)}
Restart=on-failure
RestartSec=1
KillMode=process
Delegate=yes
TimeoutStopSec=${stopSeconds}
SuccessExitStatus=130 143
StandardOutput=append:${logPath.replaceAll("%", "%%")}
StandardError=inherit

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
