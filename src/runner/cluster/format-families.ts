/** A metric with its samples. */
export interface Family {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly samples: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
    /** When it was measured; absent: now. */
    readonly atMs?: number;
  }[];
}

/** A gauge with one sample that has no labels. */
export function gauge(name: string, help: string, value: number): Family {
  return { name, type: "gauge", help, samples: [{ labels: {}, value }] };
}

/** Source: prometheus exposition format 0.0.4. */
export function formatFamilies(families: readonly Family[]): string {
  return families.map(formatFamily).join("");
}

function formatFamily({ name, type, help, samples }: Family): string {
  const lines = samples.map(({ labels, value, atMs }) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
    const time = atMs === undefined ? "" : ` ${Math.trunc(atMs)}`;
    return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}${time}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
