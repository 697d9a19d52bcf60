/** What must run instead of being skipped: the variables LAPLACE_REQUIRE…, parsed in this file alone. */

import process from "node:process";

/** Plugins; of the tests of CUDA `fake` and `ptx`; targets of cross-compilers; `1` for network namespaces. */
type Variable =
  | "LAPLACE_REQUIRE"
  | "LAPLACE_REQUIRE_CUDA"
  | "LAPLACE_REQUIRE_TARGETS"
  | "LAPLACE_REQUIRE_NETNS";

/** The words of a variable, which has commas between them. */
export function requiredNames(variable: Variable = "LAPLACE_REQUIRE"): string[] {
  return (process.env[variable] ?? "").split(",").map((word) => word.trim()).filter((word) => word !== "");
}

/** Whether a variable has a word. */
export function required(name: string, variable?: Variable): boolean {
  return requiredNames(variable).includes(name);
}
