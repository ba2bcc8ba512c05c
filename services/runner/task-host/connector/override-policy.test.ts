import assert from "node:assert/strict";
import { test } from "node:test";
import { clientOverrides } from "./override-policy.ts";

const config = {
  "producer.override.linger.ms": "5",
  "producer.override.security.protocol": "SSL",
  "consumer.override.fetch.min.bytes": "1",
  "admin.override.retries": "1",
};

function refused(clientConfigOverridePolicy: string, clientConfigOverrideAllowlist: string[] = []): string[] {
  const policy = { clientConfigOverridePolicy, clientConfigOverrideAllowlist };
  return clientOverrides("source", config, policy).flatMap(({ name, problem }) => (problem === null ? [] : [name]));
}

test("clientOverrides: All allows everything, None nothing, and an unknown policy nothing either", () => {
  assert.deepEqual(refused("All"), []);
  assert.deepEqual(refused("None"), Object.keys(config));
  assert.deepEqual(refused("com.example.Strict"), Object.keys(config));
  assert.deepEqual(refused("org.apache.kafka.connect.connector.policy.AllConnectorClientConfigOverridePolicy"), []);
});

test("clientOverrides: Principal and Allowlist allow what they name", () => {
  const others = Object.keys(config).filter((name) => !name.endsWith("security.protocol"));
  assert.deepEqual(refused("Principal"), others);
  assert.deepEqual(refused("Allowlist", ["security.protocol"]), others);
});

test("clientOverrides tells which policy refuses what", () => {
  const policy = { clientConfigOverridePolicy: "None", clientConfigOverrideAllowlist: [] };
  assert.equal(
    clientOverrides("source", config, policy)[0]?.problem,
    "The 'None' policy does not allow 'linger.ms' to be overridden in the connector configuration.",
  );
});

test("clientOverrides of a sink are its consumer's, and its dead letters' clients' when it has them", () => {
  const policy = { clientConfigOverridePolicy: "All", clientConfigOverrideAllowlist: [] };
  const names = (own: Record<string, string>) =>
    clientOverrides("sink", { ...config, ...own }, policy).map((each) => each.name);
  assert.deepEqual(names({}), ["consumer.override.fetch.min.bytes"]);
  assert.deepEqual(names({ "errors.deadletterqueue.topic.name": "dead" }), Object.keys(config));
});
