/**
 * Tridiagonal systems, one for each wave, solved side by side: row i of all of them, then row i + 1.
 * Elimination without pivots, which diagonal dominance makes safe (L. H. Thomas, 1949); around a periodic direction the last
 * unknown is eliminated last.
 *
 * @module
 */

/**
 * Row i of system k: (before_i + after_i + rowSum_i + along_i eigenvalue_k) x_i − before_i x_{i−1} − after_i x_{i+1} = r_i. A row
 * whose weights are all zero says x_i = r_i.
 */
export interface Systems {
  readonly eigenvalues: Float64Array;
  readonly along: Float64Array;
  readonly before: Float64Array;
  readonly after: Float64Array;
  readonly rowSum: Float64Array;
  /** Whether the first row and the last are neighbours. */
  readonly cyclic: boolean;
  /** System 0 has row sum 0 and eigenvalue 0: its solution is known up to a constant, and has weighted mean zero. */
  readonly singular: boolean;
}

/** Local. Eliminates once. @returns a function that solves in place, for r of rows by systems, C order. */
export function factorize(systems: Systems): (r: Float64Array) => void {
  const { eigenvalues, along, before, after, rowSum, cyclic, singular } = systems;
  const rows = along.length;
  const width = eigenvalues.length;
  const inner = cyclic ? rows - 1 : rows;
  /** One over each pivot. */
  const inverse = new Float64Array(rows * width);
  /** Cyclic: what one in the last row makes of the others. */
  const loop = new Float64Array(cyclic ? rows * width : 0);
  const diagonal = (i: number, k: number) => {
    const sum = before[i]! + after[i]! + rowSum[i]! + along[i]! * eigenvalues[k]!;
    return sum === 0 ? 1 : sum;
  };
  for (let i = 0; i < inner; i++) {
    for (let k = 0, at = i * width; k < width; k++, at++) {
      const pivot = diagonal(i, k) - (i > 0 ? before[i]! * after[i - 1]! * inverse[at - width]! : 0);
      // The first unknown of a singular system is pinned to zero.
      inverse[at] = singular && i === 0 && k === 0 ? 0 : 1 / pivot;
    }
  }
  const last = rows - 1;
  if (cyclic) {
    loop.fill(before[0]!, 0, width);
    for (let k = 0; k < width; k++) loop[(last - 1) * width + k]! += after[last - 1]!;
    sweepDown(loop);
    sweepUp(loop);
    for (let k = 0; k < width; k++) {
      const pivot = diagonal(last, k) - before[last]! * loop[(last - 1) * width + k]! - after[last]! * loop[k]!;
      inverse[last * width + k] = 1 / pivot;
    }
  }
  const weights = singular ? cellSizes(before, after) : undefined;

  return (r) => {
    if (weights) centre(r, weights);
    sweepDown(r);
    sweepUp(r);
    if (cyclic) close(r);
    if (weights) centre(r, weights);
  };

  function sweepDown(r: Float64Array): void {
    for (let i = 0; i < inner; i++) {
      const weight = i > 0 ? before[i]! : 0;
      if (weight === 0) { for (let at = i * width; at < (i + 1) * width; at++) r[at]! *= inverse[at]!; }
      else {for (let at = i * width; at < (i + 1) * width; at++) {
          r[at] = (r[at]! + weight * r[at - width]!) * inverse[at]!;
        }}
    }
  }

  function sweepUp(r: Float64Array): void {
    for (let i = inner - 2; i >= 0; i--) {
      const weight = after[i]!;
      if (weight !== 0) {
        for (let at = i * width; at < (i + 1) * width; at++) r[at]! += weight * inverse[at]! * r[at + width]!;
      }
    }
  }

  function close(r: Float64Array): void {
    const end = last * width;
    for (let k = 0; k < width; k++) {
      r[end + k] = (r[end + k]! + before[last]! * r[end - width + k]! + after[last]! * r[k]!) * inverse[end + k]!;
    }
    for (let i = 0; i < last; i++) {
      for (let k = 0, at = i * width; k < width; k++, at++) r[at]! += loop[at]! * r[end + k]!;
    }
  }

  /** Subtracts the weighted mean from system 0: from a right-hand side, so that it is compatible, or from a solution. */
  function centre(r: Float64Array, weights: Float64Array): void {
    let [sum, all] = [0, 0];
    for (let i = 0; i < rows; i++) {
      sum += weights[i]! * r[i * width]!;
      all += weights[i]!;
    }
    for (let i = 0; i < rows; i++) r[i * width]! -= sum / all;
  }
}

/** The weights in which singular rows sum to zero: the sizes of their cells. */
function cellSizes(before: Float64Array, after: Float64Array): Float64Array {
  const sizes = new Float64Array(before.length).fill(1);
  for (let i = 1; i < sizes.length; i++) sizes[i] = sizes[i - 1]! * after[i - 1]! / before[i]!;
  return sizes;
}
