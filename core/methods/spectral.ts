import type { Step } from "./stepper.ts";
export function spectral(): Step {
  throw new Error("not written yet");
}
