import { test } from "node:test";
import { VirtualClock } from "@millrace/time";
import { storeCases } from "./store.conformance.ts";
import { MemoryStore } from "./store-memory.ts";

for (const { name, run } of storeCases) {
  test(`MemoryStore: ${name}`, async () => {
    const clock = new VirtualClock();
    await run({ store: new MemoryStore(clock), pass: (ms) => clock.advance(ms) });
  });
}
