import { argv } from "node:process";
import { processEnv } from "@millrace/service";
import { runRunner } from "./run.ts";

/** `main.ts [worker.properties]`; settings may also come from `CONNECT_*` variables. */
const [, , file] = argv;
await runRunner({ env: processEnv(), mode: "distributed", ...(file === undefined ? {} : { file }) });
