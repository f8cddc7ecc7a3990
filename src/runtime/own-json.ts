/** JSON that this program wrote; undefined for what a machine left that lost its power meanwhile. */
export function parseOwnJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
