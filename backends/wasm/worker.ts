/**
 * One thread of the `wasm` backend.
 *
 * @module
 */

import { answer } from "../../host/workers.ts";
import { type Command, obedient } from "../engine-threads/worker_loop.ts";
import { instance, type LevelHandle } from "./engine.ts";
import type { Program } from "./memory.ts";

const obey = obedient(instance);
await answer((message) => obey(message as Command<Program, LevelHandle>));
