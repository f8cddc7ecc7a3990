import { quoteShell } from "../../core/quote-shell.ts";
import { formatSystemdUnit, type RunnerCommand, stopSecondsOf } from "./systemd-unit.ts";

/** What can start a machine's services. */
export type InitSystem = "systemd" | "openrc" | "sysv" | "container";

/** The text that makes an init system start the runner at boot, and stop its pods when the machine goes down. */
export function formatBootScript(init: InitSystem, runner: RunnerCommand): string {
  return FORMATTERS[init](runner);
}

const FORMATTERS: Readonly<Record<InitSystem, (runner: RunnerCommand) => string>> = {
  systemd: formatSystemdUnit,
  openrc: formatOpenRcScript,
  sysv: formatSysvScript,
  container: formatContainerScript,
};

/**
 * OpenRC stops at shutdown what it has started, so it is told to start a runner that runs. Debian's has no localmount:
 * a need of it would keep the service from starting. Source: openrc-run(8), and openrc-run.c svc_wait: without the
 * keyword nobody waits longer than 60 s, in a parallel shutdown either; RC_GOINGDOWN is set by openrc while it shuts down.
 */
function formatOpenRcScript(runner: RunnerCommand): string {
  const command = (...words: readonly string[]): string => commandLine(runner, words);
  return `#!/sbin/openrc-run
# Slipway's static pod runner. Install as /etc/init.d/slipway-runner, mode 0755, then:
#   rc-update add slipway-runner default && rc-service slipway-runner start
# shellcheck shell=sh disable=SC2034

name="Slipway's static pod runner"
description="Runs the static pods of this machine; they outlive it, except at shutdown"
extra_started_commands="reload"
description_reload="Read the configuration again"

depend() {
	use localmount
	after net firewall
	keyword -timeout
}

start() {
	ebegin "Starting $name"
	${command("start")} >/dev/null
	eend $?
}

stop() {
	ebegin "Stopping $name"
	if [ "\${RC_GOINGDOWN:-}" = YES ]; then
		${command("stop", "--pods")} >/dev/null
	else
		${command("stop")} >/dev/null
	fi
	eend $?
}

reload() {
	${command("reload")}
}

status() {
	${command("status")}
}
`;
}

/**
 * Source: LSB core, "Init Script Actions" and "Comment Conventions"; RUNLEVEL is set by sysvinit's rc, which waits for
 * a script as long as it takes.
 */
function formatSysvScript(runner: RunnerCommand): string {
  const command = (...words: readonly string[]): string => commandLine(runner, words);
  return `#!/bin/sh
### BEGIN INIT INFO
# Provides:          slipway-runner
# Required-Start:    $remote_fs $network
# Required-Stop:     $remote_fs $network
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: Slipway's static pod runner
### END INIT INFO
# Install as /etc/init.d/slipway-runner, mode 0755, then: update-rc.d slipway-runner defaults

case "\${1:-}" in
start)
  ${command("start")}
  ;;
stop)
  # The pods outlive the runner, except when the machine goes down.
  case "\${RUNLEVEL:-}" in
  0 | 6) ${command("stop", "--pods")} ;;
  *) ${command("stop")} ;;
  esac
  ;;
restart)
  ${command("restart")}
  ;;
reload | force-reload)
  ${command("reload")}
  ;;
status)
  # LSB: 3 is "not running".
  ${command("status")} || exit 3
  ;;
*)
  echo "usage: $0 start|stop|restart|reload|force-reload|status" >&2
  exit 2
  ;;
esac
`;
}

/**
 * What a container's PID 1 must do and Node.js does not: take in orphans, and end everything in order when it is told
 * to, for its end kills what still runs. A shell's wait does the first: it waits for any child.
 */
function formatContainerScript(runner: RunnerCommand): string {
  const seconds = stopSecondsOf(runner);
  return `#!/bin/sh
# PID 1 of a container that runs Slipway's static pod runner on ${runner.root}.
# Let the container's grace be longer than the pods': docker stop -t ${seconds}, terminationGracePeriodSeconds: ${seconds}.
# shellcheck disable=SC2329 # the trap calls it
stop() {
  ${commandLine(runner, ["stop", "--pods"])}
}
trap stop TERM INT
trap 'kill -HUP "$runner"' HUP
${commandLine(runner, ["run"])} &
runner=$!
# A signal that is caught ends wait, not the runner.
while kill -0 "$runner" 2>/dev/null; do
  wait "$runner"
  code=$?
done
exit "$code"
`;
}

function commandLine({ command, root }: RunnerCommand, words: readonly string[]): string {
  return [...command, "runner", ...words, "--root", root].map(quoteShell).join(" ");
}
