import { expect, test } from "vitest";
import { createLog, formatLogJson, formatLogText, type LogEvent } from "../../../src/system/log.ts";

const AT = Date.UTC(2026, 10, 22, 17);

function event(change: Partial<LogEvent> = {}): LogEvent {
  return { atMs: AT, level: "info", message: "pod started", fields: {}, ...change };
}

function collect(level: "error" | "warn" | "info" | "debug", format = formatLogText) {
  const lines: string[] = [];
  return { log: createLog({ level, format, write: (line) => lines.push(line), nowMs: () => AT }), lines };
}

test("a line of text has time, level, message and fields", () => {
  expect(formatLogText(event({ fields: { pod: "etcd", tries: 2, ready: false } }))).toBe(
    "2026-11-22T17:00:00.000Z info pod started pod=etcd tries=2 ready=false",
  );
});

test("values that would not read as one word are quoted, and none breaks the line", () => {
  expect(formatLogText(event({ fields: { a: "two words", b: 'say "x"', c: "k=v", d: "", e: "1\n2" } }))).toBe(
    '2026-11-22T17:00:00.000Z info pod started a="two words" b="say \\"x\\"" c="k=v" d="" e="1\\n2"',
  );
});

test("fields without a value are left out in both formats", () => {
  expect(formatLogText(event({ fields: { a: undefined } }))).toBe(
    "2026-11-22T17:00:00.000Z info pod started",
  );
  expect(JSON.parse(formatLogJson(event({ fields: { a: undefined, b: 1 } })))).toEqual({
    time: "2026-11-22T17:00:00.000Z",
    level: "info",
    message: "pod started",
    b: 1,
  });
});

test("only events as important as the level are written, a line each", () => {
  const { log, lines } = collect("warn");
  log.error("e");
  log.warn("w");
  log.info("i");
  log.debug("d");
  expect(lines).toEqual(["2026-11-22T17:00:00.000Z error e\n", "2026-11-22T17:00:00.000Z warn w\n"]);
});

test("secrets are hidden in both formats, and JSON stays JSON", () => {
  const text = collect("info");
  text.log.info("joined", { token: "abcdef.0123456789abcdef" });
  expect(text.lines.join("")).not.toContain("0123456789abcdef");
  const json = collect("info", formatLogJson);
  json.log.info("joined", { password: "p4ssw0rd", reason: "Bearer abcdefghijkl" });
  expect(JSON.parse(json.lines[0] ?? "")).toMatchObject({ password: "<hidden>", reason: "Bearer <hidden>" });
});
