#!/usr/bin/env -S deno run -A
/**
 * The entry of the command line. What it does is in `cli/`.
 *
 * @module
 */

import process from "node:process";
import { main } from "./cli/main.ts";

process.exit(await main(process.argv.slice(2)));
