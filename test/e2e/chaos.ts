// A million numbered rows of tables and a file while everything on the way is killed in turn: `npx millrace prove` with both sources.
// Then files flow while a server, or all links to it, are away for up to a minute each: `outages/outages.ts`.
//   npm run test:chaos -- [--rows 1000000] [--kills 24] [--seed N] [--phase-ms 4000] [--only kills|outages]
// Exit code 0: nothing lost, duplicated or reordered. 1: something was. 2: the run itself failed.
import { parseArgs } from "node:util";
import { refresh } from "../../deploy/dev/bundle.mjs";
import { runProve } from "../../deploy/prove/prove.ts";
import { outages } from "./outages/outages.ts";
import { runOutages } from "./outages/run-outages.ts";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    kills: { type: "string", default: "24" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    "phase-ms": { type: "string", default: "4000" },
    only: { type: "string" },
  },
});
const [records, kills, seed, phaseMs] = [values.rows, values.kills, values.seed, values["phase-ms"]].map(Number) as [
  number,
  number,
  number,
  number,
];
if (![records, kills, seed, phaseMs].every(Number.isInteger)) throw new Error("every option takes a whole number");
await refresh((text: string) => console.error(text));
const wanted = (part: string) => values.only === undefined || values.only === part;
const proof = { sources: ["jdbc", "file"], records, kills, seed, phaseMs } as const;
const proofCode = wanted("kills") ? await runProve(proof) : 0;
const isGood = !wanted("outages") || (await runOutages(outages.filter(({ brief }) => !brief)));
process.exit(proofCode === 0 && !isGood ? 1 : proofCode);
