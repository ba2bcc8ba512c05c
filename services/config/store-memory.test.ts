import { test } from "node:test";
import { storeConformance } from "./store.conformance.ts";
import { openMemoryStore } from "./store-memory.ts";

for (const { name, run } of storeConformance) {
  test(`memory store: ${name}`, () => run(openMemoryStore()));
}
