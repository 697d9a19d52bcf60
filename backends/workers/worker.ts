/**
 * One thread of the `workers` backend.
 *
 * @module
 */

import { answer } from "../../host/workers.ts";
import { type Command, workerLoop } from "../engine-threads/worker_loop.ts";
import { createEngine, type GridArrays } from "./engine.ts";
import type { LevelArrays } from "./levels.ts";

const run = workerLoop(createEngine);
await answer((message) => run(message as Command<GridArrays, LevelArrays>));
