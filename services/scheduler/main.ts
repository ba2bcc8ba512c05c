import { argv } from "node:process";
import { processEnv } from "@millrace/service";
import { runScheduler } from "./run.ts";

/** `main.ts [worker.properties]`; settings may also come from `CONNECT_*` variables. A group id and a database are all it needs. */
const [, , file] = argv;
await runScheduler({ env: processEnv(), mode: "distributed", kafka: false, ...(file === undefined ? {} : { file }) });
