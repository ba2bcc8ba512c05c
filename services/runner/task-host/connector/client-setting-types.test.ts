import assert from "node:assert/strict";
import { test } from "node:test";
import { checkClientSetting } from "./client-setting-types.ts";

test("checkClientSetting refuses what is not of the setting's type, in Kafka's words", () => {
  const wrong = [
    ["linger.ms", "x", "Not a number of type LONG"],
    ["batch.size", "1.5", "Not a number of type INT"],
    ["enable.idempotence", "yes", "Expected value to be either true or false"],
  ] as const;
  for (const [name, value, reason] of wrong) {
    const message = `Invalid value ${value} for configuration ${name}: ${reason}`;
    assert.throws(() => checkClientSetting(name, value), { message });
  }
});

test("checkClientSetting lets right values and unknown settings pass", () => {
  for (const [name, value] of [
    ["linger.ms", " 5 "],
    ["enable.idempotence", "TRUE"],
    ["my.own", "x"],
  ] as const) {
    checkClientSetting(name, value);
  }
});
