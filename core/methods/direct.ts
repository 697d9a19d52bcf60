import type { Step } from "./stepper.ts";
export function direct(): Step {
  throw new Error("not written yet");
}
