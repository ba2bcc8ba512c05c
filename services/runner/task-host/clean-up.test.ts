import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigDef, ConnectError, type DeletionContext, type Plugin, type TaskConfig } from "@millrace/connect";
import { openHostFixture } from "../testing/host-fixture.ts";
import { cleanUp } from "./clean-up.ts";

const reference = "$" + "{secrets:db:password}";
const secrets = { MILLRACE_SECRET_DB_PASSWORD: "hunter2secret" };
const rawConfig = { "connector.class": "test.Leaving", "db.password": reference };

function open(onDelete?: (config: TaskConfig, context: DeletionContext) => void | Promise<void>) {
  const plugin: Plugin = {
    type: "sink",
    class: "test.Leaving",
    version: "1",
    overview: "",
    config: new ConfigDef(),
    create: () => ({}) as never,
    ...(onDelete && { onDelete }),
  };
  const fixture = openHostFixture({ plugins: [plugin], secrets });
  return { ...fixture, run: () => cleanUp(fixture.env, { connector: "c", config: rawConfig }) };
}

test("cleanUp gives the plugin the values that the config stands for, and lets none of them into the log", async () => {
  const seen: unknown[] = [];
  const { run, logs } = open((config, { connector, logger }) => {
    seen.push(connector, config["db.password"]);
    logger.info(`dropped with ${config["db.password"]}`);
  });
  assert.equal(await run(), true);
  assert.deepEqual(seen, ["c", "hunter2secret"]);
  assert.equal(logs.at(-1)?.message, `dropped with ${reference}`);
});

test("cleanUp has nothing to do for a plugin that leaves nothing", async () => {
  assert.equal(await open().run(), false);
});

test("I9: cleanUp shows no secret in what the plugin throws", async () => {
  const { run } = open((config) => {
    throw new ConnectError(`no login with ${config["db.password"]}`);
  });
  await assert.rejects(run(), { message: `no login with ${reference}` });
});

test("cleanUp ends after half a minute, whether or not the plugin heeds its signal", async () => {
  let aborted = false;
  const { run, clock } = open(async (_, { signal }) => {
    signal.addEventListener("abort", () => {
      aborted = true;
    });
    await new Promise(() => {});
  });
  const rejected = assert.rejects(run(), { message: /took longer than 30 s to clean up after it/ });
  await clock.advance(30_000);
  await rejected;
  assert.equal(aborted, true);
});
