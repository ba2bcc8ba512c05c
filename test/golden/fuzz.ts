// Puts random inputs into every converter and header converter:
//   npm run fuzz -- [--inputs N per property] [--seed S] [part of a property's name …]
// The unit tests try a sample of the same. The last line is "N passed, N failed", counting inputs.
import { parseArgs } from "node:util";
import fc from "fast-check";
import { converterProperties } from "../../libs/converters/testing/converter-properties.ts";

const CHUNK = 2_000;
const PROGRESS_INTERVAL_MS = 10_000;

const { values: options, positionals: parts } = parseArgs({
  allowPositionals: true,
  options: {
    inputs: { type: "string", default: "10000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
  },
});
const inputs = Number(options.inputs);
const seed = Number(options.seed);
if (!Number.isSafeInteger(inputs) || inputs < 1 || !Number.isSafeInteger(seed)) {
  console.error("usage: npm run fuzz -- [--inputs N] [--seed S] [part of a property's name …]");
  process.exit(2);
}

const properties = converterProperties().filter(({ name }) => {
  return parts.length === 0 || parts.some((part) => name.includes(part));
});
console.log(`${properties.length} properties, ${inputs} inputs each, seed ${seed}`);

let passed = 0;
let failed = 0;
let toldAt = Date.now();
for (const { name, property } of properties) {
  const startedAt = Date.now();
  let done = 0;
  let failure: string | null = null;
  while (done < inputs && failure === null) {
    const numRuns = Math.min(CHUNK, inputs - done);
    const result = fc.check(property, { numRuns, seed: seed + done });
    passed += result.failed ? result.numRuns - 1 : numRuns;
    done += numRuns;
    if (result.failed) failure = fc.defaultReportMessage(result as Parameters<typeof fc.defaultReportMessage>[0]) ?? "";
    if (Date.now() - toldAt >= PROGRESS_INTERVAL_MS) {
      console.log(`  … ${name}: ${done} of ${inputs}`);
      toldAt = Date.now();
    }
  }
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  if (failure === null) console.log(`✓ ${name} (${seconds} s)`);
  else {
    failed += 1;
    console.log(`✗ ${name}\n${failure}`);
  }
}
if (properties.length === 0) console.error("no property has such a name");
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && properties.length > 0 ? 0 : 1);
