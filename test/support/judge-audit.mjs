// Reads the answer of `npm audit --json` and says what it comes to in a line. Exit code 1: a package that is used has
// an advisory. A registry that does not answer, or has no audits, is no reason to fail.
import { text } from "node:stream/consumers";

/** Undefined for what is no answer. */
function parse(json) {
  try {
    const { vulnerabilities, metadata } = JSON.parse(json);
    return metadata === undefined ? undefined : Object.values(vulnerabilities);
  } catch {
    return undefined;
  }
}

const found = parse(await text(process.stdin));
if (found === undefined) console.log("not answered");
else if (found.length === 0) console.log("no advisory");
for (const { name, severity, range } of found ?? [])
  console.log(`${name} ${range}: ${severity}; see: npm audit`);
process.exit(found === undefined || found.length === 0 ? 0 : 1);
