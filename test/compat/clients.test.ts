import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { StandaloneFixture, sharedServer } from "../e2e/standalone-fixture.ts";
import { clients, drive, expectedFile } from "./clients/drive.ts";

const fixture = new StandaloneFixture("clients");
after(() => fixture.close());

const jsonConverters = {
  "key.converter": "org.apache.kafka.connect.json.JsonConverter",
  "value.converter": "org.apache.kafka.connect.json.JsonConverter",
};

/** From their registries, the first time; seconds later on. A client that cannot be had is a failure. */
function install(): Promise<void> {
  const script = join(import.meta.dirname, "clients/install.mjs");
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [script], (error, stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`the clients could not be installed:\n${stdout}${stderr}`));
    });
  });
}

test("clients of Kafka Connect's REST API find what they find at Kafka Connect 4.3.1, and leave nothing behind", {
  timeout: 900_000,
}, async (context) => {
  await install();
  const properties = { "bootstrap.servers": sharedServer("KAFKA_BOOTSTRAP_SERVERS"), ...jsonConverters };
  const { service, rest } = await fixture.start({ properties });
  for (const client of clients) {
    await context.test(client.name, async () => {
      const printed = await drive(client, rest.url, fixture.dir, fixture.run);
      // Millrace says who it is behind the version it is compatible with.
      assert.equal(printed.replace(/-millrace.*/, ""), readFileSync(expectedFile(client), "utf8"));
    });
  }
  assert.deepEqual((await rest.ask("GET", "/connectors?expand=info&expand=status")).body, {});
  const complaints = readFileSync(service.logFile, "utf8").match(/^.*"level":"error".*$/gm) ?? [];
  assert.deepEqual(complaints, []);
});
