/** What `laplace launch` drops of what launchers print. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { siftErrors, siftOutput } from "../../cli/launcher_output.ts";

/** As mpiexec of MPICH 4.0 prints it on stdout. */
export const banner = (code: number) => `
===================================================================================
=   BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES
=   PID 30987 RUNNING AT vm
=   EXIT CODE: ${code}
=   CLEANING UP REMAINING PROCESSES
=   YOU CAN IGNORE THE BELOW CLEANUP MESSAGES
===================================================================================
YOUR APPLICATION TERMINATED WITH THE EXIT STRING: Terminated (signal 15)
This typically refers to a problem with your application.
Please see the FAQ page for debugging suggestions
`;

/** What goes to stdout and to stderr of what a launcher prints on stdout, in pieces of every length. */
function sift(text: string): [out: string, err: string][] {
  return [1, 7, 100, text.length].map((length) => {
    const out: string[] = [];
    const err: string[] = [];
    const sink = siftOutput((line) => out.push(line), (line) => err.push(line));
    for (let at = 0; at < text.length; at += length) sink.add(text.slice(at, at + length));
    sink.end();
    return [out.join("\n"), err.join("\n")];
  });
}

test("stdout is what ranks print, whatever the launcher of MPICH says of exit codes and signals", () => {
  const result = JSON.stringify({ status: "limit", history: Array.from({ length: 999 }, (_, n) => n) });
  for (const code of [1, 2, 15, 137]) {
    for (const text of [`${result}\n${banner(code)}`, `${banner(code)}${result}`]) {
      for (const [out, err] of sift(text)) {
        assert.equal(out.trim(), result);
        // An exit code of ours is not news.
        assert.equal(/BAD TERMINATION[^]*EXIT CODE/.test(err), code > 2);
      }
    }
  }
  const hydra = "[mpiexec@vm] Sending Ctrl-C to processes as requested\n[proxy:0:0@vm] main (pm.c:206): error";
  for (const [out, err] of sift(`${hydra}\n${result}\n`)) assert.deepEqual([out, err], [result, hydra]);
});

test("other output of ranks stays as it is", () => {
  const rule = "=".repeat(70);
  for (const text of ["", "a\n\nb", `${rule}\na\n${rule}\nb`, `a\n${rule}`, `${rule}\n${"a\n".repeat(30)}`]) {
    for (const [out, err] of sift(text)) assert.deepEqual([out, err], [text.replace(/\n$/, ""), ""]);
  }
});

test("of stderr, remarks about exit codes and what another rank has said are dropped", () => {
  const frame = (text: string) => `${"-".repeat(74)}\n${text}\n${"-".repeat(74)}\n`;
  const lines: string[] = [];
  const sink = siftErrors((line) => lines.push(line));
  sink.add(frame("a process returned\na non-zero exit code. The job has been aborted."));
  sink.add(
    "laplace: no\nlaplace: rank 1: no\nlaplace: rank 2: yes\nsrun: error: vm: task 0: Exited with exit code 1\n",
  );
  sink.add(frame("a process was killed"));
  sink.end();
  const rule = "-".repeat(74);
  assert.deepEqual(lines, ["laplace: no", "laplace: rank 2: yes", rule, "a process was killed", rule]);
});
