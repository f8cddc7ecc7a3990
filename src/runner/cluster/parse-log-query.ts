/** What a request for a container's log asks for. */
export interface LogQuery {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | undefined;
  readonly limitBytes: number | undefined;
  /** Milliseconds since 1970. */
  readonly sinceMs: number | undefined;
}

/** The query, or the answer that the kubelet gives to a wrong one. */
export type ParsedLogQuery =
  | { readonly kind: "query"; readonly query: LogQuery }
  | { readonly kind: "wrong"; readonly status: 400 | 422; readonly text: string };

const UNDECODABLE = { kind: "wrong", status: 400, text: '{"message": "Unable to decode query."}' } as const;
const INVALID = { kind: "wrong", status: 422, text: '{"message": "Invalid request."}' } as const;

/** Parses the query of containerLogs. Source: kubelet server.go getContainerLogs, ValidatePodLogOptions. */
export function parseLogQuery(params: URLSearchParams, options: { readonly nowMs: number }): ParsedLogQuery {
  const tail = params.get("tail") ?? params.get("tailLines");
  const tailLines = parseInteger(tail === "all" ? null : tail);
  const limitBytes = parseInteger(params.get("limitBytes"));
  const sinceSeconds = parseInteger(params.get("sinceSeconds"));
  const sinceTime = params.get("sinceTime");
  const sinceTimeMs = sinceTime === null ? undefined : Date.parse(sinceTime);
  const numbers = [tailLines, limitBytes, sinceSeconds, sinceTimeMs];
  if (numbers.some((value) => Number.isNaN(value))) return UNDECODABLE;
  if ((tailLines ?? 0) < 0 || (limitBytes ?? 1) < 1 || (sinceSeconds ?? 1) < 1) return INVALID;
  if (sinceSeconds !== undefined && sinceTimeMs !== undefined) return INVALID;
  return {
    kind: "query",
    query: {
      follow: parseBoolean(params.get("follow")),
      previous: parseBoolean(params.get("previous")),
      timestamps: parseBoolean(params.get("timestamps")),
      tailLines,
      limitBytes,
      sinceMs: sinceSeconds === undefined ? sinceTimeMs : options.nowMs - sinceSeconds * 1000,
    },
  };
}

/** NaN for what is none of 64 bits. Source: apimachinery runtime/conversion.go string_to_int64. */
function parseInteger(text: string | null): number | undefined {
  if (text === null) return undefined;
  const isInteger = /^[+-]?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
  return isInteger ? Number(text) : Number.NaN;
}

/** Source: apimachinery conversion Convert_Slice_string_To_bool: all but `0` and `false` is true. */
function parseBoolean(text: string | null): boolean {
  return text !== null && text !== "0" && text.toLowerCase() !== "false";
}
