import assert from "node:assert/strict";
import { after, test } from "node:test";
import { StandaloneFixture, sharedServer } from "../e2e/standalone-fixture.ts";
import { runCdcKit } from "./cdc-kit.ts";

const fixture = new StandaloneFixture("cdc");
after(() => fixture.close());

/** One of each kind; `npm run test:cdc` runs all there are. */
const scenarios = [
  "snapshot-initial",
  "restart-stop-resume",
  "schema-change",
  "pk-update",
  "toast-unchanged",
  "truncate-included",
  "tx-metadata",
  "logical-messages",
  "hb-interval",
  "column-mask-truncate",
  "keys-composite-and-none",
  "defaults-not-null",
  "replica-identity-full",
  "publication-filtered",
  "types-numeric-precise",
  "types-time-adaptive",
  "types-arrays",
  "types-network-geo-range",
  "config-bad-values",
  "config-regex",
  "incremental-source-signal",
  "incremental-kafka-signal",
  "incremental-window",
  "incremental-pause-resume",
  "blocking-snapshot",
  "smt-chain",
];

test("changes of Postgres arrive event for event as from Debezium 3.6", { timeout: 300_000 }, async () => {
  const kafka = sharedServer("KAFKA_BOOTSTRAP_SERVERS");
  const { rest } = await fixture.start({
    properties: {
      "bootstrap.servers": kafka,
      "key.converter": "org.apache.kafka.connect.json.JsonConverter",
      "value.converter": "org.apache.kafka.connect.json.JsonConverter",
      "connector.client.config.override.policy": "All",
    },
  });
  const { code, output } = await runCdcKit({
    rest: rest.url,
    kafka,
    postgres: sharedServer("DATABASE_URL"),
    only: scenarios,
    jobs: 4,
    dir: fixture.dir,
  });
  assert.equal(code, 0, output);
  assert.match(output, new RegExp(`^${2 * scenarios.length} passed, 0 failed$`, "m"));
});
