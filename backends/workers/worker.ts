/**
 * One thread of the `workers` backend.
 *
 * @module
 */

import { answer } from "../../host/workers.ts";
import { type Command, obedient } from "../engine-threads/worker_loop.ts";
import { type Arrays, loops } from "./engine.ts";
import type { SharedLevel } from "./levels.ts";

const obey = obedient(loops);
await answer((message) => obey(message as Command<Arrays, SharedLevel>));
