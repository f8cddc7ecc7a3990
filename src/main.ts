import { main } from "./cli/main.ts";
import { allowClosedPipes } from "./cli/terminal/closed-pipes.ts";

// What is made without a mode of its own, here and in containers, is not left to the shell that has called.
process.umask(0o022);
allowClosedPipes();
void main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
