import { connect, createServer } from "node:net";
import { systemErrorCode } from "../core/errors.ts";

/** The outcome of `claimName`. */
export type NameClaim =
  | { readonly kind: "held"; release(): Promise<void> }
  | { readonly kind: "taken"; readonly holder: string };

/** Who binds a name listens on it microseconds later; one that never does holds it without an answer. */
const CLAIM_ATTEMPTS = 20;

/** Listens on the abstract Unix socket of that name, or asks who does. Rejects with Node's system error. */
export function claimName(
  claim: { readonly name: string; readonly answer: string },
  attemptsLeft = CLAIM_ATTEMPTS,
): Promise<NameClaim> {
  const path = `\0${claim.name}`;
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.end(claim.answer);
    });
    server.once("error", (error) => {
      if (systemErrorCode(error) !== "EADDRINUSE") reject(error);
      else
        readHolder(path)
          .then((holder) =>
            holder === undefined && attemptsLeft > 0
              ? claimName(claim, attemptsLeft - 1)
              : { kind: "taken" as const, holder: holder ?? "" },
          )
          .then(resolve, reject);
    });
    server.listen(path, () => {
      server.unref();
      resolve({ kind: "held", release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}

/**
 * What the holder of a name says; empty when it says nothing within a second; undefined when nobody listens: it has
 * just ended, or begun.
 */
function readHolder(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text: string | undefined = "";
    const socket = connect(path);
    socket.setTimeout(1000, () => socket.destroy());
    socket.on("data", (chunk) => {
      text += chunk.toString("utf8");
    });
    socket.on("error", (error) => {
      if (systemErrorCode(error) === "ECONNREFUSED") text = undefined;
    });
    socket.on("close", () => resolve(text));
  });
}
