import { test } from "node:test";
import fc from "fast-check";
import { converterProperties } from "./testing/converter-properties.ts";

/** A sample; `npm run fuzz` tries more, from other seeds. */
const SAMPLE = { numRuns: 60, seed: 20_240_229 } as const;

for (const { name, property } of converterProperties()) {
  test(name, () => {
    fc.assert(property, SAMPLE);
  });
}
