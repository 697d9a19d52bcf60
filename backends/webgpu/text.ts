/** Local. The first line of an error, or of a message: drivers and compilers write several. */
export function lineOf(what: unknown): string {
  // Errors of WebGPU need not be Errors.
  const { message } = what as { message?: unknown };
  return String(message ?? what).trim().split("\n")[0]!.trim();
}
