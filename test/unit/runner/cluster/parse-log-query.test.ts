import { expect, test } from "vitest";
import { selectSubresources } from "../../../../src/runner/cluster/authorize.ts";
import { parseLogQuery } from "../../../../src/runner/cluster/parse-log-query.ts";

const NOW = Date.parse("2026-11-22T17:00:00Z");
const parse = (query: string) => parseLogQuery(new URLSearchParams(query), { nowMs: NOW });

test("an empty query asks for all there is", () => {
  expect(parse("")).toEqual({
    kind: "query",
    query: {
      follow: false,
      previous: false,
      timestamps: false,
      tailLines: undefined,
      limitBytes: undefined,
      sinceMs: undefined,
    },
  });
});

test("every option is understood", () => {
  expect(parse("follow=true&previous=1&timestamps=false&tailLines=3&limitBytes=9&sinceSeconds=60")).toEqual({
    kind: "query",
    query: {
      follow: true,
      previous: true,
      timestamps: false,
      tailLines: 3,
      limitBytes: 9,
      sinceMs: NOW - 60_000,
    },
  });
  expect(parse("tail=all&sinceTime=2026-11-22T16:00:00Z")).toMatchObject({
    query: { tailLines: undefined, sinceMs: NOW - 3_600_000 },
  });
});

test("a number of more than 64 bits is a bad request", () => {
  expect(parse("tailLines=%2B9223372036854775807")).toMatchObject({ kind: "query" });
  for (const value of ["9223372036854775808", "-9223372036854775809", "99999999999999999999"])
    expect(parse(`tailLines=${encodeURIComponent(value)}`)).toMatchObject({ kind: "wrong", status: 400 });
});

test("a number that is none is a bad request", () => {
  for (const query of ["tailLines=x", "limitBytes=1.5", "sinceSeconds=", "sinceTime=never"])
    expect(parse(query)).toMatchObject({ kind: "wrong", status: 400 });
});

test("a number out of range is unprocessable", () => {
  const wrong = [
    "tailLines=-1",
    "limitBytes=0",
    "sinceSeconds=0",
    "sinceSeconds=1&sinceTime=2026-11-22T16:00:00Z",
  ];
  for (const query of wrong) expect(parse(query)).toMatchObject({ kind: "wrong", status: 422 });
});

test("a path's fine-grained subresource comes before the old one", () => {
  expect(selectSubresources("/pods")).toEqual(["pods", "proxy"]);
  expect(selectSubresources("/healthz/ping")).toEqual(["healthz", "proxy"]);
  expect(selectSubresources("/containerLogs/a/b/c")).toEqual(["proxy"]);
  expect(selectSubresources("/metrics/resource")).toEqual(["metrics"]);
  for (const name of ["__proto__", "constructor"]) expect(selectSubresources(`/${name}`)).toEqual(["proxy"]);
});
