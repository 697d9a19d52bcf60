/**
 * The settings of a plugin: declared once, checked before `open`, listed by `laplace backends`.
 *
 * @module
 */

import { ConfigError, suggest } from "./errors.ts";

/** One setting: what it does, and how its text is read; `undefined` says that the text does not fit. */
export interface SettingSpec<T = unknown> {
  /** What it does, in a line. */
  readonly about: string;
  /** What fits, in words: completes "must be …". */
  readonly expects: string;
  /** The method that it is for; absent: all. */
  readonly method?: string;
  /** Reads the text after `=`. */
  parse(text: string): T | undefined;
}

/** The settings of a plugin by name. */
export type SettingSpecs = Readonly<Record<string, SettingSpec>>;

/** The values of settings, absent where not given. */
export type SettingValues<S extends SettingSpecs> = {
  readonly [K in keyof S]?: S[K] extends SettingSpec<infer T> ? T : never;
};

/** A whole number, at least 1 and at most `most`. */
export function count(about: string, most = 65536): SettingSpec<number> {
  return {
    about,
    expects: `a whole number from 1 to ${most}`,
    parse: (text) => /^\d+$/.test(text) && +text >= 1 && +text <= most ? +text : undefined,
  };
}

/** One of a few words. */
export function oneOf<W extends string>(words: readonly W[], about: string): SettingSpec<W> {
  return { about, expects: words.join(" | "), parse: (text) => words.find((word) => word === text) };
}

/**
 * Local. Reads the settings given for a plugin.
 *
 * @throws ConfigError for an unknown name or a value that does not fit.
 */
export function readSettings<S extends SettingSpecs>(
  plugin: string,
  specs: S,
  given: Readonly<Record<string, string>>,
): SettingValues<S> {
  const values: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(given)) {
    if (!Object.hasOwn(specs, name)) {
      throw new ConfigError(`"${plugin}" has no setting "${name}"${suggest(name, Object.keys(specs))}`);
    }
    const spec = specs[name]!;
    const value = spec.parse(text);
    if (value === undefined) {
      throw new ConfigError(`Setting "${name}" of "${plugin}" must be ${spec.expects}: it is "${text}"`);
    }
    values[name] = value;
  }
  return values as SettingValues<S>;
}
