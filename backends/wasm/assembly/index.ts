// What an instance offers. The kernels are exported too, so that the optimizer does not inline them into their only
// caller: an engine improves a function while others call it, not one that is running.

export { open } from "./grid";
export { relax } from "./relax";
export { sweep } from "./rows";
export { change, clearNorms, residual, strip } from "./strip";
export { lift, lower } from "./lift";
export { square, squareG, squareGSeen, squareSeen, stretched, stretchedG, stretchedGSeen, stretchedSeen } from "./plain";
export { weighted, weightedSeen } from "./weighted";
export { leaveLevel, leaveRow, moveFirst, moveSecond, smooth } from "./smooth";
export { gather, interpolate, restrict } from "./transfer";
export { beginPass, enterGrid, enterLevel, leaveGrid, passChange, passResidual, subtractRow } from "./passes";
export { renewGrid, renewLevel } from "./levels";
export { weighRow } from "./weights";
export { accumulate, conduct, equate } from "./galerkin";
export { apply, clearCorrection, combine, dotRow, move, openVectors, products, remainder } from "./vectors";
export { refine, refineBetween, refineRow } from "./refine";
