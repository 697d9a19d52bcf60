/**
 * One thread of the `wasm` backend.
 *
 * @module
 */

import { answer } from "../../host/workers.ts";
import { type Command, obedient } from "../team/share.ts";
import { instance, type LevelHandle, type Program } from "./engine.ts";

const obey = obedient(instance);
await answer((message) => obey(message as Command<Program, LevelHandle>));
