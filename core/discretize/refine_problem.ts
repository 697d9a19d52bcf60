/**
 * The same problem on a grid of half the spacing, for results that are extrapolated from grid to grid. Problems, not equations:
 * shapes and formulas stay as they are, and functions and drawings keep their meaning by position.
 *
 * @module
 */

import { ProblemError } from "../errors.ts";
import { type FieldInput, isField } from "../problem/field.ts";
import type { ImageInput } from "../problem/parts.ts";
import type {
  ConductivityInput,
  EdgeInput,
  EdgeName,
  Problem,
  QuantityInput,
  SectionInput,
} from "../problem/problem.ts";
import { EDGES } from "../problem/problem.ts";

/**
 * Local. A problem with the rows and columns between: 2n − 1 for n, around a periodic direction 2n. Pixels of a drawing become
 * four each. There is no first guess.
 *
 * @param problem one that `lower` accepts
 * @throws ProblemError for numbers node by node or cell by cell, and for pixels that are nodes: a finer grid has others.
 */
export function refineProblem(problem: Problem): Problem {
  const { initial: _, ...rest } = problem;
  const { shape: [ny, nx], spacing: [dy, dx] = [1, 1], origin: [y, x] = [0, 0], edges = {} } = problem;
  const { source, conductivity, fixed, parts, image } = problem;
  const periodic = [edges.north === "periodic", edges.west === "periodic"] as const;
  const refined = EDGES.flatMap((name): [EdgeName, EdgeInput][] => {
    const edge = edges[name];
    return edge === undefined ? [] : [[name, ofEdge(`edges.${name}`, edge)]];
  });
  return {
    ...rest,
    shape: [periodic[0] ? 2 * ny : 2 * ny - 1, periodic[1] ? 2 * nx : 2 * nx - 1],
    spacing: [dy / 2, dx / 2],
    // Around a periodic direction there is one more row below the last.
    ...(periodic[0] && { origin: [y - dy / 2, x] }),
    edges: Object.fromEntries(refined),
    ...(source !== undefined && { source: ofSection("source", source) }),
    ...(conductivity !== undefined && { conductivity: ofConductivity(conductivity) }),
    ...(fixed && {
      fixed: {
        ...fixed,
        ...(fixed.mask !== undefined && { mask: halfSteps("fixed.mask", fixed.mask) }),
        ...(fixed.values !== undefined && { values: halfSteps("fixed.values", fixed.values) }),
      },
    }),
    ...(parts && {
      parts: parts.map((part, n) =>
        part.kind === "file" ? { ...part, mask: halfSteps(`parts[${n}].file`, part.mask) } : part
      ),
    }),
    ...(image && { image: divided(image) }),
  };
}

// ---- helpers ----

/** A field at half steps of its rows and columns. @throws ProblemError where it has numbers at the nodes alone */
function halfSteps(path: string, input: FieldInput): FieldInput {
  if (typeof input === "number") return input;
  if (typeof input === "function") return (row, col) => input(row / 2, col / 2);
  throw new ProblemError(
    `${path} has a number for every node of this grid, and a finer one has others: write a formula`,
  );
}

function ofQuantity(path: string, input: QuantityInput): QuantityInput {
  return isField(input) ? halfSteps(path, input) : input;
}

function ofEdge(path: string, edge: EdgeInput): EdgeInput {
  if (edge === "periodic") return edge;
  if (isField(edge) || typeof edge === "string" || "formula" in edge) return ofQuantity(path, edge);
  if ("flux" in edge) return { flux: ofQuantity(`${path}.flux`, edge.flux) };
  const { h, ambient } = edge.convection;
  return {
    convection: {
      h: ofQuantity(`${path}.convection.h`, h),
      ambient: ofQuantity(`${path}.convection.ambient`, ambient),
    },
  };
}

function ofSection(path: string, section: SectionInput): SectionInput {
  if (isField(section)) return halfSteps(path, section);
  return "formula" in section ? section : halfSteps(path, section.value);
}

function ofConductivity(section: ConductivityInput): ConductivityInput {
  if (isField(section) || !("cells" in section)) return ofSection("conductivity", section);
  throw new ProblemError(
    "conductivity.cells has a number for every cell of this grid, and a finer one has others: write a formula, or draw it",
  );
}

/** A drawing with four pixels for each. */
function divided({ data, width, height, ...rest }: ImageInput): ImageInput {
  if (rest.pixels === "nodes") {
    throw new ProblemError(
      'image has a pixel for every node of this grid, and a finer one has others: pixels = "cells"',
    );
  }
  const [from, to] = [new Uint32Array(data.slice().buffer), new Uint32Array(4 * width * height)];
  for (let i = 0, n = 0; i < 2 * height; i++) {
    for (let j = 0; j < 2 * width; j++, n++) to[n] = from[(i >> 1) * width + (j >> 1)]!;
  }
  return { ...rest, data: new Uint8Array(to.buffer), width: 2 * width, height: 2 * height };
}
