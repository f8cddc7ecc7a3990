import { main } from "./cli/main.ts";
import { allowClosedPipes } from "./cli/terminal/closed-pipes.ts";

allowClosedPipes();
process.exitCode = await main(process.argv.slice(2));
