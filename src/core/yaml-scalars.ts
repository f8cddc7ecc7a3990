/** How plain scalars of one kind are read. */
export interface PlainScalar {
  readonly tag: string;
  readonly default: true;
  readonly test: RegExp;
  resolve(text: string): unknown;
}

/** Source: go.yaml.in/yaml/v2 resolve.go yamlStyleFloat. */
const FLOAT = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/;
const INTEGER = /^([-+]?)(0[xX][\da-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/;

/**
 * What a plain scalar stands for, as Kubernetes' YAML reader has it: YAML 1.1's yes, no, on and off are booleans and
 * 0644 is octal; times and base 60 are texts. Source: go.yaml.in/yaml/v2 resolve.go resolve, decode.go scalar.
 */
export const PLAIN_SCALARS: readonly PlainScalar[] = [
  {
    tag: "tag:yaml.org,2002:null",
    default: true,
    test: /^(?:~|null|Null|NULL)?$/,
    resolve: () => null,
  },
  {
    tag: "tag:yaml.org,2002:bool",
    default: true,
    test: /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON|n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/,
    resolve: (text) => /^(?:y|t|on)/i.test(text),
  },
  {
    tag: "tag:yaml.org,2002:float",
    default: true,
    test: /^[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)$/,
    resolve: (text) => {
      if (/nan/i.test(text)) return Number.NaN;
      return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    },
  },
  {
    tag: "tag:yaml.org,2002:int",
    default: true,
    test: /^[-+.]*\d/,
    resolve: (text) => readNumber(text) ?? text,
  },
];

function readNumber(text: string): number | undefined {
  const plain = text.replaceAll("_", "");
  const [, sign, digits] = INTEGER.exec(plain) ?? [];
  if (digits !== undefined) {
    const octal = /^0[oO]?([0-7]+)$/.exec(digits)?.[1];
    const size = octal === undefined ? Number(digits) : Number.parseInt(octal, 8);
    return sign === "-" ? -size : size;
  }
  return FLOAT.test(plain) ? Number(plain) : undefined;
}
