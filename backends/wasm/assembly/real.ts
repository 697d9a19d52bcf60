// The precision of the kernels. This file is f64; tools/wasm.ts builds everything a second time with f32 here.

export type real = f64;
