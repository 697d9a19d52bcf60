/** Local. The first line of an error, or of a message: drivers and compilers write many. */
export function lineOf(what: unknown): string {
  const text = what instanceof Error ? what.message : String(what);
  return text.trim().split("\n")[0]!.trim();
}
