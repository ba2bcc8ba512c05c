import { argv } from "node:process";
import { processEnv } from "@millrace/service";
import { runGateway } from "./run.ts";

/** `main.ts [worker.properties]`; settings may also come from `CONNECT_*` variables. A group id is all it needs. */
const [, , file] = argv;
await runGateway({ env: processEnv(), mode: "distributed", kafka: false, ...(file === undefined ? {} : { file }) });
