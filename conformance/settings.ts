/**
 * Checks of what a backend declares: its description, and its settings, none of which may be ignored.
 *
 * @module
 */

import type { Backend } from "../core/contract.ts";
import { drift, expect, expectSameRun, lowered, planOf, referenceRun, runOf, sizeOf, type Subject } from "./compare.ts";
import { using } from "./compare.ts";
import type { Check } from "./check.ts";
import { fixtures } from "./problems.ts";
import type { SolvePlan } from "../core/methods/plan.ts";
import { thrown } from "./sessions.ts";

/** @returns the checks that concern the backend as a whole; `subject` is any of its own. */
export function settingChecks(subject: Subject): Check[] {
  const { backend } = subject;
  return [
    { name: "describes itself", run: () => describesItself(backend) },
    { name: "an unknown setting throws", run: () => unknownThrows(subject) },
    ...Object.keys(backend.settings ?? {}).map((name): Check => ({
      name: `setting "${name}" is checked, and changes no number`,
      run: () => settingHolds(subject, name),
    })),
  ];
}

async function describesItself(backend: Backend): Promise<void> {
  expect(backend.apiVersion === 2, `apiVersion: it is ${backend.apiVersion}, expected 2`);
  expect(/^[a-z0-9][a-z0-9-]*$/.test(backend.name), `name must be kebab-case: it is "${backend.name}"`);
  expect(/\S/.test(backend.summary) && !backend.summary.includes("\n"), "summary must be one line");
  for (const key of ["methods", "dtypes", "stencils"] as const) {
    expect(backend[key].length > 0, `${key} must not be empty`);
    expect(new Set<string>(backend[key]).size === backend[key].length, `${key} must not repeat itself`);
  }
  const probe = await backend.probe();
  const again = await backend.probe();
  expect(probe.available === again.available, "two probes disagree");
  if (!probe.available) expect(/\S/.test(probe.reason), "probe must give a reason");
  else expect(probe.score > 0 && probe.score <= 100, `score must be above 0 and at most 100: it is ${probe.score}`);
}

/** A problem large enough that threads and chunks share it unevenly, and the way to open it with settings. */
function example(subject: Subject, settings: Readonly<Record<string, string>>) {
  const found = fixtures(subject.kind).find(({ problem: { shape } }) => shape[0] === 67)!;
  const stencil = lowered(found.problem, subject);
  const plan: SolvePlan = { ...planOf(stencil, subject.method), settings };
  return { stencil, plan };
}

async function refuses(subject: Subject, settings: Readonly<Record<string, string>>, name: string) {
  const { stencil, plan } = example(subject, settings);
  const cause = await thrown(() => using(subject.backend, stencil, plan, () => Promise.resolve()));
  const given = `${name} = "${settings[name]}"`;
  expect(cause instanceof Error, `open took ${given} without an error`);
  expect(cause.name === "ConfigError", `open with ${given} must throw a ConfigError, not ${cause}`);
  expect(cause.message.includes(`"${name}"`), `the error for ${given} must name the setting: ${cause.message}`);
  expect(!cause.message.includes("\n"), `the error for ${given} must be one line: ${cause.message}`);
}

async function unknownThrows(subject: Subject): Promise<void> {
  for (const name of ["no-such-setting", "toString", ""]) await refuses(subject, { [name]: "1" }, name);
}

async function settingHolds(subject: Subject, name: string): Promise<void> {
  const spec = subject.backend.settings![name]!;
  expect(/\S/.test(spec.about) && /\S/.test(spec.expects), `setting "${name}" must say what it does and expects`);
  const bad = ["", " ", "no such value", "-1", "0", "1.5", "NaN", "1e99", "99999999999"]
    .filter((text) => spec.parse(text) === undefined);
  expect(bad.length > 0, `setting "${name}" takes any text at all`);
  for (const text of bad) await refuses(subject, { [name]: text }, name);

  const good = [...new Set([...spec.expects.split(/[\s|,]+/), "1", "2", "3"])]
    .filter((text) => spec.parse(text) !== undefined && !/^\d{3,}$/.test(text));
  expect(good.length > 0, `no value was found that setting "${name}" takes: "expects" must name some`);
  let taken = 0;
  for (const text of good) {
    const { stencil, plan } = example(subject, { [name]: text });
    const rejected = subject.backend.estimate?.(stencil, plan).rejects;
    if (rejected !== undefined) continue;
    // A value of the right form may still be none of this machine: a core that it lacks, a plugin that cannot run here.
    const cause = await thrown(() => using(subject.backend, stencil, plan, () => Promise.resolve()));
    if (cause instanceof Error && cause.name === "ConfigError" && cause.message.includes(`"${name}"`)) continue;
    if (cause instanceof Error && cause.name === "UnavailableError") continue;
    taken++;
    const found = await runOf(subject.backend, stencil, plan, [1, 4]);
    const expected = await referenceRun(stencil, plan, [1, 4], found.owned);
    const where = ` with ${name} = ${text}`;
    expectSameRun(found, expected, drift(subject, 5, sizeOf(expected.u), plan.omega), where);
    if (name !== "threads") continue;
    const threads = await using(subject.backend, stencil, plan, (session) => Promise.resolve(session.threads));
    expect(threads === Number(text), `threads: the session has ${threads}, asked for ${text}`);
  }
  expect(taken > 0, `open takes none of ${good.join(", ")} as ${name}`);
}
