/** How many words after a program's name belong to it, whatever they are. */
const ARGUMENTS: Readonly<Record<string, number>> = {
  slipway: 2,
  npx: 3,
  mv: 2,
  kill: 1,
  systemctl: 2,
  kubectl: 2,
  crictl: 2,
};

/** What one of ours may still be followed by. */
const FURTHER = /^(?:renew|phase)$/;

/**
 * A text in parts between which a line may be broken: words, but those of a command together, so that it can be copied
 * whole. A command is seen by its program's name, its flags with their values, quotes and pipes.
 */
export function groupWords(text: string): readonly string[] {
  const groups: string[] = [];
  let before = "";
  let owed = 0;
  let isQuoted = false;
  for (const word of text.split(" ")) {
    const isOpen = groups.length > 0 && !/[;,:)]$/.test(before);
    const belongs = isQuoted || (isOpen && (owed > 0 || isFlagOrPipe(word) || isFlagOrPipe(before)));
    if (belongs) groups.push(`${groups.pop() ?? ""} ${word}`);
    else groups.push(word);
    const name = word.replace(/^.*[/(]/, "");
    owed = (Object.hasOwn(ARGUMENTS, name) ? ARGUMENTS[name] : undefined) ?? Math.max(0, owed - 1);
    if (belongs && FURTHER.test(word)) owed += 1;
    isQuoted = (isQuoted || /^\(?'/.test(word)) && !/.'\W*$/.test(word);
    before = word;
  }
  return groups;
}

/** One with its value behind `=` takes no further. */
function isFlagOrPipe(word: string): boolean {
  return word === "|" || /^--?\w[\w-]*$/.test(word);
}
