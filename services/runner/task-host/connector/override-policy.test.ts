import assert from "node:assert/strict";
import { test } from "node:test";
import type { OverridePolicyName } from "@millrace/service";
import { clientOverrides, type OverridePolicy, refusedOverrides } from "./override-policy.ts";

const config = {
  "producer.override.linger.ms": "5",
  "producer.override.security.protocol": "SSL",
  "consumer.override.fetch.min.bytes": "1",
  "admin.override.retries": "1",
};

function refused(
  clientConfigOverridePolicy: OverridePolicyName,
  clientConfigOverrideAllowlist: string[] = [],
): string[] {
  const policy = { clientConfigOverridePolicy, clientConfigOverrideAllowlist };
  return clientOverrides("source", config, policy).flatMap(({ name, problem }) => (problem === null ? [] : [name]));
}

test("clientOverrides: All allows everything, None nothing", () => {
  assert.deepEqual(refused("All"), []);
  assert.deepEqual(refused("None"), Object.keys(config));
});

test("clientOverrides: Principal and Allowlist allow what they name", () => {
  const others = Object.keys(config).filter((name) => !name.endsWith("security.protocol"));
  assert.deepEqual(refused("Principal"), others);
  assert.deepEqual(refused("Allowlist", ["security.protocol"]), others);
  assert.deepEqual(refused("Allowlist"), Object.keys(config));
});

test("clientOverrides tells which policy refuses what", () => {
  const policy: OverridePolicy = { clientConfigOverridePolicy: "None", clientConfigOverrideAllowlist: [] };
  assert.equal(
    clientOverrides("source", config, policy)[0]?.problem,
    "The 'None' policy does not allow 'linger.ms' to be overridden in the connector configuration.",
  );
});

test("clientOverrides of a sink are its consumer's, and its dead letters' clients' when it has them", () => {
  const policy: OverridePolicy = { clientConfigOverridePolicy: "All", clientConfigOverrideAllowlist: [] };
  const names = (own: Record<string, string>) =>
    clientOverrides("sink", { ...config, ...own }, policy).map((each) => each.name);
  assert.deepEqual(names({}), ["consumer.override.fetch.min.bytes"]);
  assert.deepEqual(names({ "errors.deadletterqueue.topic.name": "dead" }), Object.keys(config));
});

test("refusedOverrides are those of any client, whichever the connector has", () => {
  const policy: OverridePolicy = { clientConfigOverridePolicy: "Principal", clientConfigOverrideAllowlist: [] };
  const others = Object.keys(config).filter((name) => !name.endsWith("security.protocol"));
  assert.deepEqual(refusedOverrides({ ...config, "override.x": "1", name: "c" }, policy), others);
});
