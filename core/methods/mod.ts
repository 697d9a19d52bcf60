/**
 * The methods, each written once over kernels.
 *
 * @module
 */

import type { Method } from "../contract.ts";
import { cg } from "./cg.ts";
import { direct } from "./direct.ts";
import { jacobi } from "./jacobi.ts";
import { multigrid } from "./multigrid.ts";
import { sor } from "./sor.ts";
import { spectral } from "./spectral.ts";
import type { Stepper } from "./stepper.ts";

/** Every method by name. */
export const steppers: Readonly<Record<Method, Stepper>> = { jacobi, sor, multigrid, cg, direct, spectral };
