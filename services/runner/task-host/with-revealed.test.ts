import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigDef, ConnectError, type Plugin } from "@millrace/connect";
import { openHostFixture } from "../testing/host-fixture.ts";
import { alterOffsets } from "./alter-offsets.ts";
import { withRevealed } from "./with-revealed.ts";

const reference = "$" + "{secrets:db:password}";
const secrets = { MILLRACE_SECRET_DB_PASSWORD: "hunter2secret" };

test("I9: withRevealed gives the values, and lets none of them out with an error", async () => {
  const { env } = openHostFixture({ secrets });
  assert.equal(await withRevealed(env, { password: reference }, async (config) => config.password), "hunter2secret");
  const failing = withRevealed(env, { password: reference }, async ({ password }) => {
    throw new ConnectError(`no login with ${password}`, { cause: new Error(password) });
  });
  await assert.rejects(failing, (error: Error) => {
    assert.deepEqual([error.message, error.cause], [`no login with ${reference}`, undefined]);
    return true;
  });
});

test("I9: a connector that refuses offsets shows no secret", async () => {
  const plugin: Plugin = {
    type: "source",
    class: "test.Refusing",
    version: "1",
    overview: "",
    config: new ConfigDef(),
    create: () => ({}) as never,
    alterOffsets: (config) => {
      throw new ConnectError(`app:${config["db.password"]}@db says no`);
    },
  };
  const { env } = openHostFixture({ plugins: [plugin], secrets });
  const rawConfig = { "connector.class": "test.Refusing", "db.password": reference };
  const offsets = [{ partition: { p: 1 }, offset: { n: 1 } }];
  await assert.rejects(alterOffsets(env, { connector: "c", rawConfig, offsets }), {
    code: "INTERNAL",
    message: `app:${reference}@db says no`,
  });
});
