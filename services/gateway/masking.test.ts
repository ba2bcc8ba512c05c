import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectorRecord } from "@millrace/protocol";
import { hidePasswords, holdsMask, showAll, unmasked } from "./masking.ts";

const record: ConnectorRecord = {
  name: "c",
  config: { user: "joe", "db.password": "hunter2", "key.password": "${file:/etc/x:key}", empty: "", none: null },
  passwords: ["db.password", "key.password", "empty", "none", "gone"],
  version: 1,
  targetState: "STARTED",
  tasks: { version: 1, configVersion: 1, configs: [{ "db.password": "hunter2", url: "hunter2", table: "a" }] },
  revision: 1,
};

test("passwords show as a mask wherever they are, references as they are", () => {
  const shown = hidePasswords(record);
  assert.deepEqual(shown.config, { ...record.config, "db.password": "[hidden]" });
  assert.deepEqual(shown.tasks.configs, [{ "db.password": "[hidden]", url: "[hidden]", table: "a" }]);
  assert.equal(record.config["db.password"], "hunter2", "the record itself is as it was");
});

test("nothing is hidden where there is nothing to hide, or masking is off", () => {
  const open = { ...record, passwords: ["key.password"] };
  assert.equal(hidePasswords(open), open);
  assert.equal(showAll(record), record);
});

test("a config as it was shown is completed for validation", () => {
  const shown = { ...hidePasswords(record).config, topic: "[hidden]" };
  assert.equal(holdsMask(shown), true);
  assert.deepEqual(unmasked(shown, record), { ...record.config, topic: "[hidden]" });
});
