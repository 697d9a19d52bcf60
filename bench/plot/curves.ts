/**
 * Draws how methods converge: panels side by side, both axes logarithmic, a curve for each method.
 *
 * @module
 */

import { logarithmic, type Scale, text } from "./axes.ts";

/** A curve, labelled at one of its points. */
export interface Curve {
  readonly label: string;
  readonly colour: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Dots only: the points are runs of their own, not a way that one run goes. */
  readonly apart?: boolean;
}

/** A panel: what its axis counts, and its curves. */
export interface Panel {
  readonly axis: string;
  readonly curves: readonly Curve[];
}

const [width, height, gap] = [440, 420, 8];
const box = { left: 62, right: width - 16, top: 24, bottom: height - 52 };

/** @returns an SVG image; `axis` names what all panels have upwards. */
export function curves(axis: string, panels: readonly Panel[]): string {
  const [low, high] = decades(panels.flatMap(({ curves }) => curves.flatMap(({ points }) => points.map(([, y]) => y))));
  const y = logarithmic(low, high, box.bottom, box.top);
  const drawn = panels.map(({ axis: name, curves }, index) => {
    const [from, to] = decades(curves.flatMap(({ points }) => points.map(([x]) => x)));
    const x = logarithmic(from, to, box.left, box.right);
    const grid = [
      ...tens(from, to).map((value) =>
        `<path d="M${x(value)} ${box.top}V${box.bottom}"/>${text(x(value), box.bottom + 16, power(value))}`
      ),
      ...tens(low, high, 2).map((value) =>
        `<path d="M${box.left} ${y(value)}H${box.right}"/>${text(box.left - 6, y(value) + 4, power(value), "end")}`
      ),
    ];
    return `<g transform="translate(${index * (width + gap)} 0)">
<g stroke="#ddd" fill="none">${grid.join("\n")}</g>
${curves.map((curve) => draw(curve, x, y)).join("\n")}
<g fill="#222"><text x="${(box.left + box.right) / 2}" y="${height - 14}">${name}</text>${
      index === 0 ? `<text transform="translate(16 ${(box.top + box.bottom) / 2}) rotate(-90)">${axis}</text>` : ""
    }</g></g>`;
  });
  const whole = panels.length * (width + gap) - gap;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole} ${height}" font-family="sans-serif" font-size="12" text-anchor="middle">
<rect width="${whole}" height="${height}" fill="#fff"/>
${drawn.join("\n")}
${legend(panels[0]!.curves)}
</svg>
`;
}

function draw({ colour, points, apart }: Curve, x: Scale, y: Scale): string {
  const places = points.map(([a, b]) => `${x(a)} ${y(b)}`);
  const dots = points.length <= 20 || apart
    ? points.map(([a, b]) => `<circle cx="${x(a)}" cy="${y(b)}" r="3"/>`).join("")
    : "";
  const line = apart ? "" : `<path d="M${places.join("L")}" fill="none" stroke="${colour}" stroke-width="2"/>`;
  return `${line}<g fill="${colour}">${dots}</g>`;
}

/** Names the curves, at the foot of the first panel, between methods of a few sweeps and those of hundreds. */
function legend(curves: readonly Curve[]): string {
  return curves.map(({ label, colour }, k) => {
    const at = box.bottom - 14 - 17 * (curves.length - 1 - k);
    return `<circle cx="${box.left + 74}" cy="${at - 4}" r="4" fill="${colour}"/>` +
      `<text x="${box.left + 84}" y="${at}" text-anchor="start" fill="#222">${label}</text>`;
  }).join("\n");
}

/** @returns the powers of ten around positive values. */
function decades(values: readonly number[]): [number, number] {
  const exponents = values.filter((value) => value > 0).map(Math.log10);
  return [10 ** Math.floor(Math.min(...exponents)), 10 ** Math.ceil(Math.max(...exponents))];
}

/** @returns every `step`-th power of ten in a range. */
function tens(from: number, to: number, step = 1): number[] {
  const found: number[] = [];
  for (let n = Math.round(Math.log10(from)); n <= Math.round(Math.log10(to)); n += step) found.push(10 ** n);
  return found;
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

function power(value: number): string {
  const exponent = Math.round(Math.log10(value));
  if (exponent === 0) return "1";
  if (exponent === 1) return "10";
  const digits = [...`${Math.abs(exponent)}`].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
  return `10${exponent < 0 ? "⁻" : ""}${digits}`;
}
