/**
 * `npm run bench`: what Slipway costs, beside what the same work costs without it, in the same run. It asserts nothing:
 * times differ from machine to machine and from hour to hour, ratios within a run much less.
 */
import { writeFile } from "node:fs/promises";
import { parseArguments, USAGE } from "./arguments.mjs";
import { benchmarkApiServerKills } from "./benchmarks/api-server-kills.mjs";
import { benchmarkCertificates } from "./benchmarks/certificates.mjs";
import { benchmarkColdStarts, benchmarkPowerCuts } from "./benchmarks/cold-starts.mjs";
import { benchmarkCommands } from "./benchmarks/commands.mjs";
import { benchmarkExplain } from "./benchmarks/explain.mjs";
import { benchmarkInit } from "./benchmarks/init.mjs";
import { benchmarkKubelet } from "./benchmarks/kubelet.mjs";
import { benchmarkKwokctl } from "./benchmarks/kwokctl.mjs";
import { benchmarkManyPods } from "./benchmarks/many-pods.mjs";
import { benchmarkPlainRunner } from "./benchmarks/plain-runner.mjs";
import { benchmarkRestarts } from "./benchmarks/restarts.mjs";
import { benchmarkRunner } from "./benchmarks/runner.mjs";
import { benchmarkSoak } from "./benchmarks/soak.mjs";
import { createCleanUp } from "./clean-up.mjs";
import { readMachine } from "./machine.mjs";
import { prepareTools } from "./prepare-tools.mjs";
import { formatMarkdown, formatReport } from "./report.mjs";

const BENCHMARKS = {
  init: (tools) => benchmarkInit(tools, { algorithm: "ECDSA-P256" }),
  "init-rsa": (tools) => benchmarkInit(tools, { algorithm: "RSA-2048" }),
  runner: benchmarkRunner,
  "plain-runner": benchmarkPlainRunner,
  restarts: benchmarkRestarts,
  kubelet: benchmarkKubelet,
  kwokctl: benchmarkKwokctl,
  "api-server-kills": benchmarkApiServerKills,
  "power-cuts": benchmarkPowerCuts,
  "many-pods": benchmarkManyPods,
  explain: benchmarkExplain,
  certificates: benchmarkCertificates,
  commands: benchmarkCommands,
  "cold-starts": benchmarkColdStarts,
  soak: benchmarkSoak,
};

/** These take too long to be run unasked: some ten minutes and more than twenty. */
const ONLY_WHEN_NAMED = ["cold-starts", "soak"];

async function main() {
  const names = { all: Object.keys(BENCHMARKS), onlyWhenNamed: ONLY_WHEN_NAMED };
  const options = parseArguments(process.argv.slice(2), names);
  if (options.help) {
    console.log(USAGE(names));
    return;
  }
  const cleanUp = createCleanUp();
  try {
    const tools = await prepareTools({ cleanUp, quick: options.quick });
    const benchmarks = [];
    for (const name of options.only) {
      console.error(`${name} …`);
      benchmarks.push({ name, ...(await runBenchmark(name, tools)) });
    }
    const report = { machine: await readMachine(), quick: options.quick, benchmarks };
    console.log(options.markdown ? formatMarkdown(report) : formatReport(report));
    if (options.json !== undefined)
      await writeFile(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  } finally {
    await cleanUp.run();
  }
}

/** Its rows; none, and why, when this machine lacks what it needs or it failed: the others' are not lost with it. */
async function runBenchmark(name, tools) {
  const measured = await BENCHMARKS[name](tools).catch((error) => {
    tools.cleanUp.signal.throwIfAborted();
    process.exitCode = 1;
    return { skipped: `it failed: ${error.message.split("\n")[0]}` };
  });
  if (measured.skipped === undefined) return { rows: measured };
  console.error(`  skipped: ${measured.skipped}`);
  return { rows: [], skipped: measured.skipped };
}

await main();
