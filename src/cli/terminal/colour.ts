import { styleText } from "node:util";

type Paint = (text: string) => string;

/** Colours for one stream: none unless it is a terminal, and none with NO_COLOR, TERM=dumb or --no-color. */
export function colourOf(stream: NodeJS.WriteStream): {
  readonly red: Paint;
  readonly yellow: Paint;
  readonly green: Paint;
  readonly bold: Paint;
  readonly dim: Paint;
} {
  const on = hasColour(stream);
  const paint =
    (style: "red" | "yellow" | "green" | "bold" | "dim"): Paint =>
    (text) =>
      // Node.js would look at stdout, whatever the stream, and take an empty NO_COLOR for one.
      on ? styleText(style, text, { validateStream: false }) : text;
  return {
    red: paint("red"),
    yellow: paint("yellow"),
    green: paint("green"),
    bold: paint("bold"),
    dim: paint("dim"),
  };
}

/** Whether a stream takes colours. */
export function hasColour(stream: NodeJS.WriteStream): boolean {
  const { env } = process;
  return (
    stream.isTTY === true &&
    !env["NO_COLOR"] &&
    env["TERM"] !== "dumb" &&
    !process.argv.includes("--no-color")
  );
}
