/** Sizes in pixels; the width of a letter is that of most monospace fonts at this size. */
const FONT = 14;
const LETTER = 8.43;
const LINE = 19;
const MARGIN = 16;

const ESCAPE = String.fromCharCode(27);
/** A change of style, and the text up to the next. */
const STYLED = new RegExp(`(?:${ESCAPE}\\[([\\d;]*)m)?([^${ESCAPE}]*)`, "g");

const COLOURS = { 31: "#f38ba8", 32: "#a6e3a1", 33: "#f9e2af", 34: "#89b4fa", 36: "#94e2d5", 90: "#7f849c" };
const TEXT = "#cdd6f4";
const GROUND = "#1e1e2e";

/**
 * A picture of a terminal: `text` is what it shows, with the SGR sequences of colours, bold and dim. Nothing in it
 * depends on time or machine, so that the same text gives the same bytes.
 */
export function drawSvg(text, { columns, title }) {
  const lines = text.replace(/\n+$/, "").split("\n");
  const width = Math.ceil(columns * LETTER + 2 * MARGIN);
  const height = lines.length * LINE + 2 * MARGIN;
  let style = {};
  const rows = lines.map((line, index) => {
    const spans = [];
    for (const [, codes, part] of line.matchAll(STYLED)) {
      if (codes !== undefined) style = applyCodes(style, codes);
      if (part !== "") spans.push(drawSpan(part, style));
    }
    if (spans.length === 0) return "";
    return `<text x="${MARGIN}" y="${MARGIN + FONT + index * LINE}">${spans.join("")}</text>\n`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escapeXml(title)}</title>
<rect width="100%" height="100%" rx="8" fill="${GROUND}"/>
<g fill="${TEXT}" font-family="ui-monospace,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="${FONT}" xml:space="preserve">
${rows.join("")}</g>
</svg>
`;
}

function applyCodes(before, codes) {
  return codes.split(";").map(Number).reduce(applyCode, before);
}

function applyCode(style, code) {
  if (code === 0) return {};
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 39) return { ...style, colour: undefined };
  return COLOURS[code] === undefined ? style : { ...style, colour: COLOURS[code] };
}

function drawSpan(text, { colour, bold, dim }) {
  const attributes = [
    colour === undefined ? "" : ` fill="${colour}"`,
    bold ? ' font-weight="bold"' : "",
    dim ? ' opacity="0.6"' : "",
  ].join("");
  return attributes === "" ? escapeXml(text) : `<tspan${attributes}>${escapeXml(text)}</tspan>`;
}

function escapeXml(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
