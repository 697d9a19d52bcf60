/**
 * Draws a roofline: what a program reaches, under what memory and arithmetic allow.
 * S. Williams et al., "Roofline", Comm. ACM 52 (2009).
 *
 * @module
 */

import { logarithmic, text } from "./axes.ts";

/** A program: updates for each byte of memory traffic, and 1e9 updates a second. */
export interface Point {
  readonly label: string;
  readonly x: number;
  readonly y: number;
}

const [width, height] = [720, 440];
const box = { left: 64, right: width - 24, top: 24, bottom: height - 56 };
const [from, to] = [{ x: 1 / 32, y: 0.5 }, { x: 4, y: 32 }];

/** @returns an SVG image. `copy` in GB/s, `formula` in 1e9 updates a second. */
export function roofline(
  { copy, formula }: { readonly copy: number; readonly formula: number },
  points: readonly Point[],
): string {
  const x = logarithmic(from.x, to.x, box.left, box.right);
  const y = logarithmic(from.y, to.y, box.bottom, box.top);
  const ridge = formula / copy;
  const grid = [
    ...powers(from.x, to.x).map((value) =>
      `<path d="M${x(value)} ${box.top}V${box.bottom}"/>${text(x(value), box.bottom + 18, name(value))}`
    ),
    ...powers(from.y, to.y).map((value) =>
      `<path d="M${box.left} ${y(value)}H${box.right}"/>${text(box.left - 8, y(value) + 4, name(value), "end")}`
    ),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" text-anchor="middle">
<rect width="${width}" height="${height}" fill="#fff"/>
<g stroke="#ddd" fill="none">${grid.join("\n")}</g>
<path d="M${x(from.x)} ${y(from.x * copy)}L${x(ridge)} ${
    y(formula)
  }H${box.right}" stroke="#b2182b" stroke-width="2" fill="none"/>
<g fill="#b2182b"><text x="${box.right - 6}" y="${y(formula) - 8}" text-anchor="end">arithmetic: ${
    formula.toPrecision(3)
  }</text>
<text x="${x(0.05)}" y="${y(0.05 * copy) - 14}" text-anchor="start">memory: ${copy.toPrecision(3)} GB/s</text></g>
<g fill="#2166ac" text-anchor="start">${
    points.map((point) =>
      `<circle cx="${x(point.x)}" cy="${y(point.y)}" r="4"/><text x="${x(point.x) + 8}" y="${
        y(point.y) + 14
      }">${point.label}</text>`
    ).join("\n")
  }</g>
<g fill="#222"><text x="${(box.left + box.right) / 2}" y="${height - 14}">updates for each byte that memory moves</text>
<text transform="translate(18 ${(box.top + box.bottom) / 2}) rotate(-90)">10⁹ updates a second</text></g>
</svg>
`;
}

const name = (value: number) => value < 1 ? `1/${1 / value}` : `${value}`;

/** @returns the powers of two in a range. */
function powers(low: number, high: number): number[] {
  const found: number[] = [];
  for (let value = low; value <= high; value *= 2) found.push(value);
  return found;
}
