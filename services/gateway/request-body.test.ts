import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig, parseCreateConnector, withConnectorName } from "./request-body.ts";

const refused = (message: RegExp) => ({ name: "HttpError", status: 500, message });

test("parseConfig turns numbers and booleans into their own source text", () => {
  const text = `{"int": 1, "float": 1.50, "big": 12345678901234567890, "exp": -1.5e+3, "yes": true, "no": false,
    "null": null, "text": "1, true \\" 2 \\\\", "es\\u0063": ""}`;
  assert.deepEqual(parseConfig(text), {
    int: "1",
    float: "1.50",
    big: "12345678901234567890",
    exp: "-1.5e+3",
    yes: "true",
    no: "false",
    null: null,
    text: '1, true " 2 \\',
    esc: "",
  });
});

test("parseConfig keeps keys that objects treat specially", () => {
  assert.deepEqual(Object.entries(parseConfig('{"__proto__": 1, "constructor": "x"}')), [
    ["__proto__", "1"],
    ["constructor", "x"],
  ]);
});

test("parseConfig reads a value as long as a message may be", () => {
  const value = 'a"\\'.repeat(350_000);
  assert.deepEqual(parseConfig(JSON.stringify({ value, n: 1 })), { value, n: "1" });
});

test("parseConfig names the key that holds no scalar", () => {
  assert.throws(() => parseConfig('{"a": {"b": 1}}'), refused(/^Config value "a" is an object/));
  assert.throws(() => parseConfig('{"a": [1]}'), refused(/^Config value "a" is an array/));
});

test("parseConfig does not repeat what it could not read", () => {
  const isSilent = (error: Error) => /not valid JSON/.test(error.message) && !error.message.includes("hunter2");
  for (const text of ['{"password": "hunter2"', "hunter2", '{"password": hunter2}']) {
    assert.throws(() => parseConfig(text), isSilent);
  }
});

test("parseCreateConnector takes scalars for a name and trims it", () => {
  assert.equal(parseCreateConnector('{"name": 12, "config": {}}').name, "12");
  assert.equal(parseCreateConnector('{"name": " a b ", "config": {}}').name, "a b");
  assert.equal(parseCreateConnector('{"config": {}}').name, "");
  assert.throws(() => parseCreateConnector('{"name": {}, "config": {}}'), refused(/^"name" is an object/));
});

test("parseCreateConnector names a field it does not know", () => {
  assert.throws(
    () => parseCreateConnector('{"name": "c", "config": {}, "extra": 1}'),
    refused(/^Unrecognized field "extra".*name, config, initial_state$/),
  );
});

test("withConnectorName adds the name last, fills a null one, and refuses another", () => {
  assert.deepEqual(Object.keys(withConnectorName({ b: "1" }, "c")), ["b", "name"]);
  assert.deepEqual(withConnectorName({ name: null }, "c"), { name: "c" });
  assert.deepEqual(withConnectorName({ name: "c" }, "c"), { name: "c" });
  assert.throws(() => withConnectorName({ name: " c" }, "c"), { status: 400 });
});
