/** The whole report as text: the machine, one table, and what was skipped. */
export function formatReport(report) {
  const measured = report.benchmarks.filter(({ rows }) => rows.length > 0);
  const lines = measured.flatMap(({ name, rows }) => [
    ["", "", "", "", "", ""],
    ...rows.map((row) => formatRow(name, row)),
  ]);
  const table = [["benchmark", "what", "median", "min", "max", "runs"], ...lines];
  return [...describeMachine(report), "", ...alignTable(table), ...describeSkipped(report)].join("\n");
}

/** The same as Markdown, in lines of at most 120 columns: benchmarks are rows of their own. */
export function formatMarkdown(report) {
  const measured = report.benchmarks.filter(({ rows }) => rows.length > 0);
  const lines = measured.flatMap(({ name, rows }) => [
    [`**${name}**`, "", "", "", ""],
    ...rows.map((row) => formatRow(name, row).slice(1)),
  ]);
  const format = (cells) => `| ${cells.join(" | ")} |`.replace(/ {2,}/g, " ");
  return [
    ...describeMachine(report),
    "",
    format(["what", "median", "min", "max", "runs"]),
    "|---|--:|--:|--:|--:|",
    ...lines.map(format),
    ...describeSkipped(report),
  ].join("\n");
}

function describeMachine({ machine, quick }) {
  const { processor, cores, memoryGiB, kernel, system, node, loadAverage, date } = machine;
  return [
    `${processor}, ${cores} cores, ${memoryGiB} GiB,`,
    `${system}, Linux ${kernel}, Node ${node},`,
    `${date}, load ${loadAverage}${quick ? ", quick: not to be quoted" : ""}`,
  ];
}

function describeSkipped({ benchmarks }) {
  const skipped = benchmarks.filter((benchmark) => benchmark.skipped !== undefined);
  const lines = skipped.map((benchmark) => `${benchmark.name} skipped: ${benchmark.skipped}`);
  return lines.length === 0 ? [] : ["", ...lines];
}

function formatRow(benchmark, { what, unit, median, min, max, runs }) {
  const format = (value) => `${formatNumber(value)} ${unit}`;
  return [
    benchmark,
    what,
    format(median),
    ...(runs === 1 ? ["", ""] : [format(min), format(max)]),
    String(runs),
  ];
}

function formatNumber(value) {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}

function alignTable(table) {
  const widths = table[0].map((_cell, column) => Math.max(...table.map((cells) => cells[column].length)));
  const align = (cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]));
  return table.map((cells) => cells.map(align).join("  ").trimEnd());
}
