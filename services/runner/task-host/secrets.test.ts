import assert from "node:assert/strict";
import { test } from "node:test";
import { Secrets } from "@millrace/service";
import { hidingLogger } from "./secrets.ts";

const secrets = new Secrets(
  new Map([
    ["<part>", "hunter2"],
    ["<whole>", "hunter2-and-more"],
  ]),
);

test("hidingLogger hides secrets in messages and fields of any depth, errors and their causes included", () => {
  const lines: unknown[] = [];
  const write = (message: string, fields?: Record<string, unknown>) => void lines.push([message, fields]);
  const logger = hidingLogger({ debug: write, info: write, warn: write, error: write }, secrets);
  const error = new Error("login with hunter2", { cause: new Error("hunter2-and-more") });
  logger.error("no hunter2", { error, list: ["hunter2"], deep: { deeper: { text: "a hunter2" } }, n: 1, none: null });
  logger.info("plain");
  assert.doesNotMatch(JSON.stringify(lines), /hunter2/);
  assert.match(JSON.stringify(lines), /login with <part>/);
  const [[message, fields]] = lines as [[string, Record<string, unknown>]];
  assert.equal(message, "no <part>");
  assert.deepEqual(
    [fields.list, fields.deep, fields.n, fields.none],
    [["<part>"], { deeper: { text: "a <part>" } }, 1, null],
  );
  assert.deepEqual(lines[1], ["plain", undefined]);
});

test("hidingLogger lets nothing pass that lies deeper than it looks", () => {
  const lines: unknown[] = [];
  const write = (message: string, fields?: Record<string, unknown>) => void lines.push([message, fields]);
  const logger = hidingLogger({ debug: write, info: write, warn: write, error: write }, secrets);
  logger.info("deep", { a: { b: { c: { d: { e: { f: "hunter2" } } } } }, bytes: new Uint8Array([1]) });
  assert.doesNotMatch(JSON.stringify(lines), /hunter2/);
  assert.match(JSON.stringify(lines), /\[deeper\]/);
});
