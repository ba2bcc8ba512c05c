import assert from "node:assert/strict";
import { test } from "node:test";
import { connectorConfigFromFile } from "./connector-file.ts";

test("connectorConfigFromFile reads properties", () => {
  assert.deepEqual(connectorConfigFromFile("c.properties", "name=local-file\ntasks.max=1\n"), {
    name: "local-file",
    config: { name: "local-file", "tasks.max": "1" },
    initialState: null,
  });
});

test("connectorConfigFromFile reads a JSON map, scalars as text", () => {
  assert.deepEqual(connectorConfigFromFile("c.json", '{"name":"x","tasks.max":2,"flag":true,"config":"y"}'), {
    name: "x",
    config: { name: "x", "tasks.max": "2", flag: "true", config: "y" },
    initialState: null,
  });
});

test("connectorConfigFromFile reads name, config and initial state", () => {
  assert.deepEqual(connectorConfigFromFile("c.json", '{"name":"x","config":{"a":"1"},"initial_state":"paused"}'), {
    name: "x",
    config: { a: "1", name: "x" },
    initialState: "PAUSED",
  });
});

test("connectorConfigFromFile names the file and what is wrong, and quotes no value", () => {
  const refuse = (text: string, pattern: RegExp) =>
    assert.throws(
      () => connectorConfigFromFile("dir/c.json", text),
      ({ message }: Error) => {
        assert.match(message, /^Connector file dir\/c\.json cannot be used: /);
        assert.match(message, pattern);
        return true;
      },
    );
  refuse("a=1", /Missing required configuration "name"/);
  refuse('{"password":"hunter2",}', /: it is not valid JSON, at position \d+$/);
  refuse("[1]", /a JSON object is expected/);
  refuse('{"name":"x","a":null,"b":{}}', /a must be a string.*; b must be a string/);
  refuse('{"name":"x","config":{"a":[]}}', /config\.a must be a string/);
  refuse('{"name":"x","config":{},"initial_state":"GONE"}', /initial_state must be one of RUNNING, PAUSED, STOPPED/);
  refuse('{"name":"x","config":{},"extra":1}', /extra/);
  refuse('{"name":"x","config":{"name":"y"}}', /\(y\) doesn't match connector name \(x\)/);
});
