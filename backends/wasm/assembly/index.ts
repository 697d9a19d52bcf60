// What an instance offers. The kernels are exported too, so that the optimizer does not inline them into their only
// caller: an engine improves a function while others call it, not one that is running.

export { open } from "./grid";
export { relax } from "./relax";
export { sweep } from "./rows";
export { change, clearNorms, residual, sweepTile } from "./tile";
export { lift, lower } from "./dimension_lift";
export {
  square, squareG, squareGNorm, squareNorm, stretched, stretchedG, stretchedGNorm, stretchedNorm,
} from "./plain";
export { weighted, weightedNorm } from "./weighted";
export { residualOfLevel, residualRow, smooth, updateFirst, updateSecond } from "./smooth";
export { prolongRow, restrictRow } from "./transfer";
export {
  addCorrectionToGrid, addCorrectionToLevel, clearPassNorms, passChange, passResidual, residualOfGrid, restrictGrid,
  restrictLevel, scaledResidualRow,
} from "./passes";
export { fillGhostRows, fillGridGhostRows, fillLevelGhostRows } from "./level";
export { prolongationRow } from "./prolongation";
export { accumulate, galerkinRow, gridOperatorRow } from "./galerkin";
export {
  applyOperator, clearPreconditioned, computeResidual, dotRow, dots, openVectors, step, updateDirection,
} from "./vectors";
export { prolongSolution, prolongSolutionBetween, prolongSolutionRow } from "./prolong_solution";
