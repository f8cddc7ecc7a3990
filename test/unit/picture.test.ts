import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { drawSvg } from "../picture/draw-svg.mjs";

const ESCAPE = String.fromCharCode(27);

test("a terminal's text is drawn with its colours, and the same text gives the same picture", () => {
  const text = `# slipway\n${ESCAPE}[32m✔${ESCAPE}[39m done <&> ${ESCAPE}[1mbold${ESCAPE}[0m\n\n`;
  const svg = drawSvg(text, { columns: 20, title: "a & b" });
  expect(svg).toContain("<title>a &amp; b</title>");
  expect(svg).toContain(
    '<tspan fill="#a6e3a1">✔</tspan> done &lt;&amp;&gt; <tspan font-weight="bold">bold</tspan></text>',
  );
  expect(svg.match(/<text /g)).toHaveLength(2);
  expect(drawSvg(text, { columns: 20, title: "a & b" })).toBe(svg);
});

test("the README's picture is there, small, and shows a healthy control plane", () => {
  const home = resolve(import.meta.dirname, "../..");
  const [, path = ""] =
    /!\[[^\]]+\]\(([^)]+\.svg)\)/.exec(readFileSync(resolve(home, "README.md"), "utf8")) ?? [];
  const svg = readFileSync(resolve(home, path), "utf8");
  expect(svg.length).toBeLessThan(12_000);
  expect(svg).toMatch(/# slipway init .*healthy/s);
});
