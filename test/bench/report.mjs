/** The whole report as text: the machine, then one table. */
export function formatReport({ machine, quick, benchmarks }) {
  const lines = benchmarks.flatMap(({ name, rows }) => [
    ["", "", "", "", "", ""],
    ...rows.map((row) => formatRow(name, row)),
  ]);
  const table = [["benchmark", "what", "median", "min", "max", "runs"], ...lines];
  const { processor, cores, memoryGiB, kernel, system, node, loadAverage, date } = machine;
  return [
    `${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, Linux ${kernel}, Node ${node}`,
    `${date}, load ${loadAverage}${quick ? ", quick: not to be quoted" : ""}`,
    "",
    ...alignTable(table),
  ].join("\n");
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
