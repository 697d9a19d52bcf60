/**
 * What launchers print of their own among the output of ranks, and what becomes of it: stdout belongs to the ranks, and
 * remarks about exit codes say nothing that `laplace launch` does not say by its own.
 *
 * @module
 */

import { EXIT } from "./exit.ts";

/** Text that arrives in pieces. */
export interface Sink {
  add(text: string): void;
  /** At its end: passes on what is left. */
  end(): void;
}

/** How Open MPI frames its messages, and those which say that an exit code was not 0: 1 is a result, others are filtered. */
const FRAME = /^-{60,}$/,
  OF_EXIT_CODES = /non-zero (exit code|status)/,
  OF_SRUN = /^srun: error: \S+: tasks? \S+: Exited with exit code/,
  /** How MPICH frames the one that it prints on stdout, the exit code in it, and what it prints besides. */
  BANNER = /^={60,}$/,
  OF_HYDRA =
    /^(\[(mpiexec|proxy\S*)@|YOUR APPLICATION TERMINATED WITH|This typically refers to a problem|Please see the FAQ page)/,
  LONGEST = 12;

/** Local. Passes stderr on line by line, all but remarks about exit codes, and what a rank has said before another. */
export function siftErrors(write: (line: string) => void): Sink {
  const said = new Set<string>();
  const remarks = frames(FRAME, (lines, closed) => {
    if (!(closed && OF_EXIT_CODES.test(lines.join(" ")))) lines.forEach(write);
  }, (line) => {
    const [, complaint] = /^laplace: (?:rank \d+: )?(.*)/.exec(line) ?? [];
    if (complaint !== undefined && said.has(complaint) || OF_SRUN.test(line)) return;
    if (complaint !== undefined) said.add(complaint);
    write(line);
  });
  return inLines(remarks);
}

/**
 * Local. Passes stdout on line by line, all but what the launcher of MPICH has to say: that a rank was killed goes to
 * `complain`.
 */
export function siftOutput(write: (line: string) => void, complain: (line: string) => void): Sink {
  const remarks = frames(BANNER, (lines) => {
    const text = lines.join(" ");
    if (!text.includes("BAD TERMINATION")) return lines.forEach(write);
    const code = Number(/EXIT CODE: (\d+)/.exec(text)?.[1]);
    if (!(Object.values(EXIT) as number[]).includes(code)) lines.forEach(complain);
  }, (line) => OF_HYDRA.test(line) ? complain(line) : write(line));
  return inLines(remarks);
}

/** What is done with each line, and at the end. */
interface Lines {
  line(text: string): void;
  end(): void;
}

/** Collects what stands between two frames, or from one to the end. */
function frames(
  frame: RegExp,
  framed: (lines: readonly string[], closed: boolean) => void,
  other: (line: string) => void,
): Lines {
  let lines: string[] = [];
  const pass = (closed: boolean) => {
    if (lines.length > 0) framed(lines, closed);
    lines = [];
  };
  return {
    line(text) {
      if (lines.length === 0 && !frame.test(text)) return other(text);
      lines.push(text);
      const closed = lines.length > 1 && frame.test(text);
      if (closed || lines.length > LONGEST) pass(closed);
    },
    end: () => pass(false),
  };
}

function inLines({ line, end }: Lines): Sink {
  let rest: string[] = [];
  return {
    add(text) {
      const lines = text.split("\n");
      const last = lines.pop()!;
      for (const [n, part] of lines.entries()) line(n === 0 ? [...rest, part].join("") : part);
      rest = lines.length > 0 ? [last] : [...rest, last];
    },
    end() {
      if (rest.join("") !== "") line(rest.join(""));
      end();
    },
  };
}
