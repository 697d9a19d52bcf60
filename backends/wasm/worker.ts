/**
 * One thread of the `wasm` backend.
 *
 * @module
 */

import { answer } from "../../host/workers.ts";
import { type Command, workerLoop } from "../engine-threads/worker_loop.ts";
import { createEngine } from "./engine.ts";
import type { Program } from "./memory.ts";

const run = workerLoop(createEngine);
await answer((message) => run(message as Command<Program, number>));
