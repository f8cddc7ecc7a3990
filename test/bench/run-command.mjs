import { spawn } from "node:child_process";

/**
 * The shell tells the CPU time of what it waited for; its own is next to nothing. What the program leaves running must
 * not hold the descriptor that it tells it on. Source: POSIX XCU times.
 */
const TIMED = 'n=$1; shift; while [ "$n" -gt 0 ]; do "$@" 3>&- || exit; n=$((n - 1)); done; times >&3';

/**
 * Runs a program to its end, `repeat` times in a row. Gives seconds from start to exit and of CPU, children that it
 * waited for included, for one run; rejects with its stderr when it fails.
 */
export async function runCommand({ cleanUp }, { argv, repeat = 1 }) {
  const startMs = performance.now();
  // A group of its own: a Ctrl-C reaches it through the clean-up only, which waits for it.
  const child = spawn("/bin/sh", ["-c", TIMED, "sh", String(repeat), ...argv], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    detached: true,
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const forget = cleanUp.add(async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, "SIGTERM");
    await ended;
  });
  const [stdout, stderr, times] = await Promise.all([1, 2, 3].map((fd) => readAll(child.stdio[fd])));
  const exitCode = await ended;
  const seconds = (performance.now() - startMs) / 1000;
  await forget();
  if (exitCode !== 0) throw new Error(`${argv.join(" ")} ended with ${exitCode}:\n${stderr}`);
  return { seconds: seconds / repeat, cpuSeconds: parseTimes(times) / repeat, stdout };
}

/** The second line of times: user and system time of the children, as `0m1.20s 0m0.05s`. */
function parseTimes(text) {
  const words =
    text
      .trim()
      .split("\n")[1]
      ?.match(/(\d+)m([\d.]+)s/g) ?? [];
  return words
    .map((word) => word.split(/[ms]/))
    .reduce((total, [minutes, seconds]) => total + Number(minutes) * 60 + Number(seconds), 0);
}

async function readAll(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
