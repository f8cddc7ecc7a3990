import { ERROR_CODES, type ErrorCode } from "../core/error-codes.ts";
import { messageOf, SlipwayError, systemErrorCode } from "../core/errors.ts";
import { isObject } from "../core/json.ts";
import type { System } from "../system/system.ts";
import {
  CONTROL_API,
  type PodReport,
  type RestartOutcome,
  type RunnerEvent,
  type RunnerInfo,
} from "./protocol.ts";
import { refuseForeignSocket } from "./refuse-foreign-socket.ts";

/** A runner that answers. Every method raises SLIPWAY_RUNNER_UNREACHABLE when it has gone meanwhile. */
export interface ControlClient {
  info(): Promise<RunnerInfo>;
  pods(): Promise<readonly PodReport[]>;
  events(): Promise<readonly RunnerEvent[]>;
  /** Raises SLIPWAY_POD_NOT_FOUND. */
  restart(pod: { readonly namespace: string; readonly name: string }): Promise<RestartOutcome>;
  reload(): Promise<void>;
  /** Resolves when the runner, and with `pods` all its pods, have stopped. */
  stop(options: { readonly pods: boolean; readonly timeoutMs?: number }): Promise<void>;
}

/** A runner answers from memory; it is not waited for longer. */
const TIMEOUT_MS = 5000;

/**
 * Connects to the runner of a root. Raises SLIPWAY_RUNNER_UNREACHABLE when none answers on the socket, and
 * SLIPWAY_RUNNER_MISMATCH when the one that answers serves another root or may be anybody's, SLIPWAY_FILE_ACCESS when it
 * is another user's.
 */
export async function connectRunner(
  system: Pick<System, "fs" | "host" | "net">,
  options: { readonly socketPath: string; readonly root: string },
): Promise<ControlClient> {
  const { socketPath, root } = options;
  await refuseForeignSocket(system, options);
  const call = (request: Call): Promise<unknown> => exchange(system, { ...request, socketPath });
  const client: ControlClient = {
    // The runner is of this program, and the handshake below has checked what answers.
    info: async () => (await call({ method: "GET", path: "/info" })) as RunnerInfo,
    pods: async () => (await call({ method: "GET", path: "/pods" })) as readonly PodReport[],
    events: async () => (await call({ method: "GET", path: "/events" })) as readonly RunnerEvent[],
    restart: async ({ namespace, name }) => {
      const path = `/pods/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}/restart`;
      const answer = await call({ method: "POST", path });
      return isObject(answer) && answer["outcome"] === "askedAgain" ? "askedAgain" : "restarted";
    },
    reload: async () => {
      await call({ method: "POST", path: "/reload" });
    },
    stop: async ({ pods, timeoutMs }) => {
      await call({ method: "POST", path: "/stop", body: { pods }, timeoutMs });
    },
  };
  const info: unknown = await client.info();
  if (isObject(info) && info["kind"] === "RunnerInfo" && info["root"] === root) return client;
  const other =
    isObject(info) && typeof info["root"] === "string" ? `serves the root ${info["root"]}` : "is no runner";
  throw new SlipwayError({
    code: "SLIPWAY_RUNNER_MISMATCH",
    what: `the control socket ${socketPath} is not that of the runner for ${root}`,
    why: `what answers there ${other}`,
    fix: "name the root of the runner that is meant with --root",
  });
}

interface Call {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  /** Default: 5 s; undefined: as long as it takes. */
  readonly timeoutMs?: number | undefined;
}

async function exchange(
  system: Pick<System, "net">,
  call: Call & { readonly socketPath: string },
): Promise<unknown> {
  const { socketPath, method, path } = call;
  const timeoutMs = "timeoutMs" in call ? call.timeoutMs : TIMEOUT_MS;
  const response = await system.net
    .request({
      url: `http://runner${CONTROL_API}${path}`,
      method,
      socketPath,
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    })
    .catch((error: unknown) => {
      if (systemErrorCode(error) === "EACCES") throw denied(socketPath, error);
      throw unreachable({ socketPath, why: describeNobody(error, socketPath), cause: error });
    });
  const body = parseBody(response.body.toString("utf8"));
  if (response.status === 200) return body;
  throw (
    toError(body) ??
    unreachable({ socketPath, why: `it answered with status ${response.status}`, cause: undefined })
  );
}

function denied(socketPath: string, cause: unknown): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_FILE_ACCESS",
    what: `this user may not talk to the runner on ${socketPath}`,
    why: "permission denied: only root and who ran init may",
    fix: "run it as root (sudo), or as the user who ran init",
    cause,
  });
}

function unreachable(failure: {
  readonly socketPath: string;
  readonly why: string;
  readonly cause: unknown;
}): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_RUNNER_UNREACHABLE",
    what: `no runner answers on ${failure.socketPath}`,
    why: failure.why,
    fix: "pods that run go on; to start it: slipway runner start",
    cause: failure.cause,
  });
}

/** In place of a system call's name and number. */
function describeNobody(error: unknown, socketPath: string): string {
  const code = systemErrorCode(error);
  if (code === "ENOENT") return `there is no ${socketPath}`;
  if (code === "ECONNREFUSED") return `nobody listens on ${socketPath}`;
  return messageOf(error);
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function toError(body: unknown): SlipwayError | undefined {
  const error = isObject(body) ? body["error"] : undefined;
  if (!isObject(error)) return undefined;
  const text = (field: string): string => (typeof error[field] === "string" ? error[field] : "");
  const code = text("code");
  if (!isErrorCode(code)) return undefined;
  return new SlipwayError({ code, what: text("what"), why: text("why"), fix: text("fix") });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}
