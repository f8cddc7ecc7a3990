import { allowClosedPipes } from "./cli/closed-pipes.ts";
import { main } from "./cli/main.ts";

allowClosedPipes();
process.exitCode = await main(process.argv.slice(2));
