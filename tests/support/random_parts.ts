/**
 * Random sections for property tests, and the same moved, mirrored and transposed. Not a test itself.
 *
 * @module
 */

import fc from "fast-check";
import type { FigureInput, PartInput, RoleInput } from "../../core/problem/parts.ts";
import type { EdgeInput, EdgeName, Problem } from "../../core/problem/problem.ts";

type Point = readonly [y: number, x: number];
type Edges = Readonly<Record<EdgeName, EdgeInput>>;

/** Coordinates in links: on nodes, halfway, in quarters, beside nodes by little, or anywhere. */
const coordinate = (low: number, high: number): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.integer({ min: 4 * low, max: 4 * high }).map((n) => n / 4) },
    { weight: 1, arbitrary: fc.integer({ min: low, max: high }).map((n) => n + 3e-7) },
    { weight: 4, arbitrary: fc.double({ min: low, max: high, noNaN: true }).map((n) => Math.round(n * 1e6) / 1e6) },
  );

const size = (most: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.constantFrom(0.01, 0.25, 0.5, 1, 1.5),
    fc.double({ min: 0.01, max: most, noNaN: true }).map((n) => Math.round(n * 1e6) / 1e6),
  );

/** A shape in a box of rows and columns, some of it beyond. */
function figures(
  [ny, nx]: readonly [number, number],
): fc.Arbitrary<Exclude<FigureInput, { kind: "file" | "formula" }>> {
  const point = fc.tuple(coordinate(-2, ny + 1), coordinate(-2, nx + 1));
  const angle = fc.constantFrom(0, 0, 90, 30, 45, -70);
  const most = Math.min(ny, nx) / 2;
  return fc.oneof(
    fc.record({ kind: fc.constant("circle" as const), center: point, radius: size(most) }),
    fc.record({ kind: fc.constant("ellipse" as const), center: point, radii: fc.tuple(size(most), size(most)), angle }),
    fc.record({ kind: fc.constant("ring" as const), center: point, inner: size(most), more: size(2) }).map((
      { kind, center, inner, more },
    ) => ({ kind, center, radii: [inner, inner + more] as const })),
    fc.record({
      kind: fc.constant("rect" as const),
      from: point,
      height: fc.oneof(fc.constant(0), size(ny)),
      width: size(nx),
      angle,
    })
      .map(({ kind, from: [y, x], height, width, angle }) => ({
        kind,
        from: [y, x] as const,
        to: [y + height, x + width] as const,
        angle,
      })),
    fc.record({ kind: fc.constant("polygon" as const), at: point, a: size(ny), b: size(nx) }).map((
      { kind, at: [y, x], a, b },
    ) => ({
      kind,
      points: [[y, x], [y + a, x + b / 3], [y + a / 3, x - b]] as const,
    })),
    fc.record({ kind: fc.constant("polyline" as const), points: fc.tuple(point, point), width: size(1) })
      .filter(({ points: [a, b] }) => a[0] !== b[0] || a[1] !== b[1]),
  );
}

const roles: fc.Arbitrary<RoleInput> = fc.oneof(
  fc.integer({ min: -5, max: 5 }).map((value) => ({ value })),
  fc.constantFrom(0.01, 0.5, 3, 100).map((conductivity) => ({ conductivity })),
  fc.constantFrom(0.5, 4).map((conductivity) => ({ conductivity, source: 2 })),
  fc.constant({ hole: true as const }),
  fc.constant({ source: -3 }),
  fc.constant({ total: 2 }),
  fc.constantFrom(0, 1).map((charge) => ({ charge })),
);

/** Some parts. */
export const randomParts = (shape: readonly [number, number]): fc.Arbitrary<PartInput[]> =>
  fc.array(
    fc.record({
      figure: figures(shape),
      role: roles,
      outside: fc.boolean().chain((one) => one ? fc.boolean() : fc.constant(false)),
      outline: fc.constantFrom("exact" as const, "exact" as const, "exact" as const, "nodes" as const),
    }),
    { minLength: 1, maxLength: 4 },
  ).map((parts) =>
    parts.map(({ figure, role, outside, outline }, n) => ({ ...figure, ...role, name: `p${n}`, outside, outline }))
  );

const edge: fc.Arbitrary<EdgeInput> = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -1, max: 1 }).map((flux) => ({ flux })),
  fc.constant({ convection: { h: 0.5, ambient: 2 } }),
);

/** Random problems with parts, of 5 to `most` points a side; spacings 1, so that places are rows and columns, y up. */
export const randomSections = (most: number): fc.Arbitrary<Problem> =>
  fc.tuple(fc.integer({ min: 5, max: most }), fc.integer({ min: 5, max: most })).chain((shape) =>
    fc.record({
      parts: randomParts(shape),
      north: edge,
      south: edge,
      west: edge,
      east: edge,
      periodic: fc.constantFrom([false, false], [false, false], [true, false], [false, true]),
      source: fc.constantFrom(0, 0, 1),
    }).map(({ parts, north, south, west, east, periodic, source }) => ({
      shape,
      spacing: [1, 1] as const,
      source,
      parts,
      edges: {
        ...(periodic[0] ? { north: "periodic" as const, south: "periodic" as const } : { north, south }),
        ...(periodic[1] ? { west: "periodic" as const, east: "periodic" as const } : { west, east }),
      },
    }))
  );

/** What a map of the plane does to a shape: with points it turns the other way, or not; and lengths across may change places. */
interface PlaneMap {
  point(at: Point): Point;
  readonly mirrors: boolean;
  readonly swaps: boolean;
}

/** A problem with its shapes moved; spacings are 1. */
export function moved(problem: Problem, by: Point): Problem {
  return {
    ...problem,
    parts: mapped(problem, { point: ([y, x]) => [y + by[0], x + by[1]], mirrors: false, swaps: false }),
  };
}

/** A problem with west and east exchanged. */
export function mirrored(problem: Problem): Problem {
  const { west, east, ...edges } = problem.edges as Edges;
  const nx = problem.shape[1];
  // Around a period node 0 stays where it is.
  const far = west === "periodic" ? nx : nx - 1;
  const parts = mapped(problem, { point: ([y, x]) => [y, far - x], mirrors: true, swaps: false });
  return { ...problem, parts, edges: { ...edges, west: east, east: west } };
}

/** A problem with rows for columns. */
export function transposed(problem: Problem): Problem {
  const { north, south, west, east } = problem.edges as Edges;
  const [ny, nx] = problem.shape;
  const parts = mapped(problem, { point: ([y, x]) => [nx - 1 - x, ny - 1 - y], mirrors: true, swaps: true });
  return { ...problem, shape: [nx, ny], parts, edges: { north: west, south: east, west: north, east: south } };
}

function mapped({ parts = [] }: Problem, { point, mirrors, swaps }: PlaneMap): PartInput[] {
  const at = (input: unknown) => point(input as Point);
  const turned = (angle: unknown) => mirrors ? -Number(angle ?? 0) : Number(angle ?? 0);
  return parts.map((part): PartInput => {
    switch (part.kind) {
      case "circle":
      case "ring":
        return { ...part, center: at(part.center) };
      case "ellipse": {
        const [ry, rx] = part.radii;
        return { ...part, center: at(part.center), radii: swaps ? [rx, ry] : [ry, rx], angle: turned(part.angle) };
      }
      case "rect": {
        const [a, b] = [at(part.from), at(part.to)];
        const [from, to] = [Math.min, Math.max].map((f) => [f(a[0], b[0]), f(a[1], b[1])] as const) as [Point, Point];
        return { ...part, from, to, angle: turned(part.angle) };
      }
      case "polygon":
      case "polyline":
        return { ...part, points: part.points.map(at) };
      default:
        throw new Error(`Cannot map a ${part.kind}`);
    }
  });
}
