import type { ServerResponse } from "node:http";

/** Sends a short answer. */
export function sendText(
  response: ServerResponse,
  answer: { readonly status: number; readonly text: string },
): void {
  response.writeHead(answer.status, { "content-type": "text/plain; charset=utf-8" }).end(answer.text);
}
