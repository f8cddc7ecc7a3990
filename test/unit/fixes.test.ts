import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CONTROL_PLANE_COMPONENTS } from "../../src/core/constants.ts";

const PROGRAMS =
  "slipway|sysctl|swapoff|mount|kubectl|crictl|mkdir|kill|chown|mv|useradd|systemctl|journalctl|findmnt";

/** Words of a slipway command line; an upper-case one is a place-holder. */
const COMMAND_WORDS = new RegExp(
  `^(?:${[
    "init|reset|config|images|migrate|validate|manifests|run|certificate-key|rc-service|status|doctor|ps|events|logs|restart|runner|start|stop|reload|token|list|create|delete|certs|renew|all",
    "components|fetch|verify|handoff|kubelet|generate-csr|phase|upload-config|kubeadm|kubelet-start|wait-control-plane",
    ...CONTROL_PLANE_COMPONENTS,
    "-[-\\w]*(?:=\\S+)?|[A-Z]+",
  ].join("|")})$`,
);

/** Texts that end a remark with a command, or that begin with one; the command line's own examples are none. */
function readTexts(): readonly string[] {
  return readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => `src/${path}`)
    .filter(
      (path) =>
        !/src\/(?:cli\/(?:commands|completion|format)|plan|system|facts)\/|(?:program|lock)\.ts$/.test(path),
    )
    .flatMap((path) => readFileSync(path, "utf8").split("\n"))
    .filter((line) => !/^\s*(?:\*|\/\*|\/\/)/.test(line))
    .flatMap((line) =>
      [...line.matchAll(/"([^"]*)"|`([^`]*)`/g)].map(([, one, other]) => one ?? other ?? ""),
    );
}

/** The command of a part of a text: all of it, or what stands behind a colon. */
function findCommand(part: string): string | undefined {
  return new RegExp(`(?:^|: )((?:${PROGRAMS}) .*)$`).exec(part)?.[1];
}

function isCopyable(command: string): boolean {
  const [program, ...words] = command.replaceAll(/\$\{[^}]*\}?/g, "X").split(" ");
  if (program === "slipway") return words.every((word) => COMMAND_WORDS.test(word));
  return !/, | shows?\b/.test(words.join(" "));
}

describe("the fix of an error", () => {
  it("has nothing behind a command on its line, so that it can be copied", () => {
    const commands = readTexts()
      .flatMap((text) => text.split("; "))
      .flatMap((part) => findCommand(part) ?? []);

    expect(commands.length).toBeGreaterThan(50);
    expect(commands.filter((command) => !isCopyable(command))).toEqual([]);
  });
});
