/** How a text stands in YAML. */
export type ScalarStyle = "PLAIN" | "QUOTE_SINGLE" | "QUOTE_DOUBLE" | "BLOCK_LITERAL";

/**
 * The style in which Kubernetes' tools write a text: as a block when it has lines, in double quotes when it would be
 * read as something else than a text or has control characters, in single quotes when its characters mean something to
 * YAML, else plain.
 * Source: go.yaml.in/yaml/v2 encode.go stringv, emitterc.go yaml_emitter_analyze_scalar.
 */
export function selectScalarStyle(text: string): ScalarStyle {
  if (text.includes("\n")) return "BLOCK_LITERAL";
  if (readsAsOtherType(text) || /\p{Cc}/u.test(text)) return "QUOTE_DOUBLE";
  return hasIndicators(text) ? "QUOTE_SINGLE" : "PLAIN";
}

/** Source: go.yaml.in/yaml/v2 resolve.go. */
const WORDS = /^(?:y|yes|n|no|true|false|on|off|null|~|[-+]?\.inf|\.nan|<<|)$/i;
const NUMBER = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const INTEGER = /^[-+]?(?:0[xX][\dA-Fa-f]+|0[bB][01]+|0[oO]?[0-7]+)$/;
const BASE_60 = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/;
const TIMESTAMP = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:[Zz]|[-+]\d\d:\d\d)?)?$/;

function readsAsOtherType(text: string): boolean {
  const digits = text.replaceAll("_", "");
  return (
    WORDS.test(text) ||
    BASE_60.test(text) ||
    TIMESTAMP.test(text) ||
    (/^[-+.\d]/.test(text) && (NUMBER.test(digits) || INTEGER.test(digits)))
  );
}

function hasIndicators(text: string): boolean {
  return (
    /^(?:[#,[\]{}&*!|>'"%@`]|[-?:](?:[ \t]|$)|---|\.\.\.)/.test(text) ||
    /:(?:[ \t]|$)|[ \t]#/.test(text) ||
    /^[ \t]|[ \t]$/.test(text)
  );
}
