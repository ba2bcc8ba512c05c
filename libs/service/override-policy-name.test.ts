import assert from "node:assert/strict";
import { test } from "node:test";
import { overridePolicyNames, parseOverridePolicy } from "./override-policy-name.ts";
import { loadWorkerConfig } from "./worker-config.ts";

const PACKAGE = "org.apache.kafka.connect.connector.policy.";

test("parseOverridePolicy knows each policy by its short name, its class, and its class in full", () => {
  for (const name of overridePolicyNames) {
    const className = `${name}ConnectorClientConfigOverridePolicy`;
    for (const text of [name, className, PACKAGE + className]) assert.equal(parseOverridePolicy(text), name);
  }
});

test("a worker with a policy that nobody has does not start, and is told which there are", () => {
  for (const name of ["com.example.Strict", "none", "com.example.NoneConnectorClientConfigOverridePolicy", ""]) {
    const overrides = { "connector.client.config.override.policy": name };
    assert.throws(
      () => loadWorkerConfig({ overrides, kafka: false }),
      (error: Error) => {
        const message = `Invalid value ${name} for configuration connector.client.config.override.policy: Failed to find any class that implements interface ${PACKAGE}ConnectorClientConfigOverridePolicy and which name matches ${name}; there are All, None, Principal, Allowlist`;
        assert.ok(error.message.endsWith(message), error.message);
        return true;
      },
    );
  }
});
