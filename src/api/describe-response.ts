import { SlipwayError } from "../core/errors.ts";
import { isObject } from "../core/json.ts";
import type { ApiResponse } from "./types.ts";

/** Whether the API server did what was asked. */
export function isSuccess(response: ApiResponse): boolean {
  return response.status >= 200 && response.status < 300;
}

/** The `reason` of the Status that the API server answered with: `AlreadyExists`, `NotFound`, … */
export function readReason(response: ApiResponse): string | undefined {
  const { body } = response;
  return isObject(body) && typeof body["reason"] === "string" ? body["reason"] : undefined;
}

/** What the API server said, in its own words: `403 Forbidden: nodes "a" is forbidden: …`. */
export function describeResponse(response: ApiResponse): string {
  const { body } = response;
  const message =
    isObject(body) && typeof body["message"] === "string" ? body["message"] : response.text.trim();
  const reason = readReason(response);
  const head = reason === undefined ? `${response.status}` : `${response.status} ${reason}`;
  return message === "" || message === reason ? head : `${head}: ${message.slice(0, MAX_MESSAGE_LENGTH)}`;
}

/** A refusal as a SlipwayError: SLIPWAY_API_REQUEST. `attempt` completes "cannot …". */
export function createRefusal(attempt: string, response: ApiResponse): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_API_REQUEST",
    what: `cannot ${attempt}`,
    why: `the API server answered ${describeResponse(response)}`,
    fix:
      response.status === 401 || response.status === 403
        ? "check that the kubeconfig's user has this right (kubectl auth can-i --list)"
        : "see what the API server logged: slipway logs kube-apiserver",
  });
}

/** Chosen to keep an HTML error page of some proxy from filling the screen. */
const MAX_MESSAGE_LENGTH = 1000;
