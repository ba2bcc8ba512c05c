import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigDef } from "@millrace/connect";
import { defineOwnKeys } from "./own-keys.ts";

function validated(config: Record<string, string>) {
  const definition = new ConfigDef();
  defineOwnKeys(definition, config);
  return definition.validate(config);
}

test("defineOwnKeys adds nothing to the validation of a configuration without such settings", () => {
  assert.deepEqual(validated({ name: "c" }), []);
});

test("defineOwnKeys accepts task.isolation in any case and says what else it may be", () => {
  for (const isolation of ["shared", "connector", "Task"]) {
    const [value] = validated({ "task.isolation": isolation });
    assert.deepEqual(value?.errors, []);
  }
  const [value] = validated({ "task.isolation": "process" });
  assert.deepEqual(value?.errors, [
    "Invalid value process for configuration task.isolation: String must be one of (case insensitive): SHARED, CONNECTOR, TASK",
  ]);
});
