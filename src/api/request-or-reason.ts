import { SlipwayError } from "../core/errors.ts";
import { describeResponse } from "./describe-response.ts";
import type { ApiClient, ApiResponse } from "./types.ts";

/** The answer, if there was one, and in either case a sentence that says what came back. */
export interface Answer {
  readonly response: ApiResponse | undefined;
  readonly reason: string;
}

/** A request whose broken exchange (SLIPWAY_API_REQUEST) is a finding, not a failure: for those who try again. */
export async function requestOrReason(
  client: Pick<ApiClient, "request">,
  request: Parameters<ApiClient["request"]>[0],
): Promise<Answer> {
  try {
    const response = await client.request(request);
    return { response, reason: `the API server answered ${describeResponse(response)}` };
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return { response: undefined, reason: error.message };
  }
}
