import { main, wantsJson } from "./cli/main.ts";
import { allowClosedPipes } from "./cli/terminal/closed-pipes.ts";

// What is made without a mode of its own, here and in containers, is not left to the shell that has called.
process.umask(0o022);
const argv = process.argv.slice(2);
allowClosedPipes({ json: wantsJson(argv) });
void main(argv).then((exitCode) => {
  process.exitCode = exitCode;
});
