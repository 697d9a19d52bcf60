/**
 * The limit of a number that was computed on grids of half the spacing each. Its error is a sum of powers of the spacing; which,
 * the differences between grids show: 2 where the field is smooth, 4/3 at corners that stand out into it, 1 at ends of sheets.
 * One after the other is removed by Richardson's extrapolation, as long as an order shows. With an order that is fitted this is
 * Aitken's Δ² process.
 *
 * L. F. Richardson, J. A. Gaunt, Phil. Trans. R. Soc. Lond. A 226 (1927) 299; D. C. Joyce, SIAM Rev. 13 (1971) 435.
 *
 * @module
 */

/** A limit, and how it was found. */
export interface Limit {
  /** The limit; where no order shows, the last number. */
  readonly value: number;
  /** About how far that may be from the true limit; Infinity of fewer than three numbers. */
  readonly uncertainty: number;
  /** The order that the last three numbers show; undefined where they do not fall together like such a power. */
  readonly order: number | undefined;
  /** The orders that were removed, one after the other. */
  readonly removed: readonly number[];
}

/** Orders of corners of 270° and 360°, and of smooth fields, and what follows them. */
const KNOWN = [1, 4 / 3, 2, 8 / 3, 3, 10 / 3, 4];

/** An order that is fitted so near to a known one is taken for it, unless the last two fitted are the same, and further from
 * it: on the way to a known order the distance from that at least halves. */
const NEAR = 0.12, SAME = 0.01, OTHER = 0.03;

/** Orders from the last two triples that agree so well are no coincidence: of one that is known, and of another. */
const STEADY = 0.15, OTHER_STEADY = 0.05;

/** The least order that is believed, the largest of a scheme of second order, and the largest of all. */
const [LEAST, FIRST_MOST, MOST] = [0.5, 2.25, 4.25];

/** The least from one order to the next. */
const APART = 0.25;

/** Older numbers are from grids too coarse to tell. */
const GRIDS = 6;

/** Numbers that differ by less, relatively, differ by rounding. */
const ROUNDING = 1e-13;

/**
 * Local. The limit of numbers from grids of half the spacing each, the finest last.
 *
 * @returns it with an uncertainty: how far it moved from grid to grid. As long as its last order is not steady, also how far the
 * removal of that moved it; of the first, how far the numbers themselves moved; and of one that is fitted, how far the fit before
 * is away. Where no order shows, the range of the last three numbers.
 */
export function limitOf(values: readonly number[]): Limit {
  const last = values.at(-1) ?? NaN;
  if (values.length < 3) return { value: last, uncertainty: Infinity, order: undefined, removed: [] };
  const [a, b, c] = values.slice(-3) as [number, number, number];
  const moved = Math.max(Math.abs(c - b), Math.abs(b - a) / 2);
  const least = ROUNDING * Math.max(...[a, b, c].map(Math.abs));
  const removed: number[] = [];
  let numbers = values.slice(-GRIDS);
  let [value, uncertainty] = [last, Math.max(a, b, c) - Math.min(a, b, c)];
  let first: number | undefined;
  while (numbers.length >= 3 && Math.abs(numbers.at(-1)! - numbers.at(-2)!) > least) {
    const order = orderOf(numbers);
    const [low, high] = removed.length === 0 ? [LEAST, FIRST_MOST] : [removed.at(-1)! + APART, MOST];
    if (order === undefined || order < low || order > high) break;
    const before = orderOf(numbers.slice(0, -1));
    const same = before !== undefined && Math.abs(order - before) <= SAME;
    const known = KNOWN.find((known) => Math.abs(known - order) <= (same ? OTHER : NEAR));
    const steady = before !== undefined && Math.abs(order - before) <= (known === undefined ? OTHER_STEADY : STEADY);
    const taken = known ?? order;
    // An order that is fitted is as uncertain as it moved.
    const other = known === undefined && before !== undefined ? withoutOrder(numbers, before).at(-1)! : undefined;
    numbers = withoutOrder(numbers, taken);
    const [older = NaN, old = NaN, now = NaN] = [NaN, ...numbers].slice(-3);
    const steps = [now - old, steady ? (old - older) / 4 : now - value];
    if (!steady && removed.length === 0) steps.push(moved);
    if (other !== undefined) steps.push(Math.abs(now - other) + Math.abs(now - old));
    // What is left after two may be any sum: an order that is not known may be a coincidence there, and narrows nothing.
    if (known === undefined && removed.length > 1) steps.push(uncertainty);
    [value, uncertainty] = [now, Math.max(...steps.map(Math.abs))];
    removed.push(taken);
    first ??= order;
    if (!steady) break;
  }
  return { value, uncertainty, order: first, removed };
}

/** The order that the last three numbers show; undefined where they do not fall together, or there are fewer. */
function orderOf(values: readonly number[]): number | undefined {
  const [a = NaN, b = NaN, c = NaN] = values.slice(-3);
  const ratio = (a - b) / (b - c);
  return ratio > 1 && ratio < Infinity ? Math.log2(ratio) : undefined;
}

/** Richardson's extrapolation: one number fewer, without the error of that order. */
function withoutOrder(values: readonly number[], order: number): number[] {
  return values.slice(1).map((value, n) => value + (value - values[n]!) / (2 ** order - 1));
}
