import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createConnection } from "mysql2/promise";
import postgres from "postgres";
import { elasticsearchAnswers, kafkaAnswers, mariadbAnswers, natsAnswers, postgresAnswers } from "./probe.mjs";
import { bunPath, denoPath } from "./runtimes.ts";
import { startElasticsearch, startKafka, startMariadb, startNats, startPostgres, startStack } from "./stack.ts";

const portOf = (address: string): number => Number(/:(\d+)(\/\w+)?$/.exec(address)?.[1]);

/** What a NATS server says of itself to whoever connects. */
async function greeting(port: number): Promise<{ max_payload: number }> {
  const socket = connect(port, "127.0.0.1");
  const [line] = await once(socket, "data");
  socket.destroy();
  return JSON.parse(String(line).replace(/^INFO /, ""));
}

describe("stack", () => {
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), "millrace-stack-test-"));
    chmodSync(dir, 0o711);
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  it("startKafka comes back on the same port after kill -9", async () => {
    const kafka = await startKafka({ dir: join(dir, "kafka") });
    const port = portOf(kafka.bootstrapServers);
    assert.ok(await kafkaAnswers(port));
    const { pid } = kafka;
    await kafka.kill();
    assert.equal(await kafkaAnswers(port), false);
    await kafka.restart();
    assert.notEqual(kafka.pid, pid);
    assert.ok(await kafkaAnswers(port));
    await kafka.stop();
  });

  it("startPostgres keeps committed rows over kill -9 and restart", async () => {
    const server = await startPostgres({ dir: join(dir, "postgres") });
    const first = postgres(server.url, { max: 1, onnotice: () => {} });
    await first`create table kept (n int)`;
    await first`insert into kept values (7)`;
    await server.kill();
    await first.end({ timeout: 0 });
    await server.restart();
    const second = postgres(server.url, { max: 1 });
    assert.deepEqual([...(await second`select n from kept`)], [{ n: 7 }]);
    await second.end();
    await server.stop();
    assert.equal(await postgresAnswers(portOf(server.url)), false);
  });

  it("startElasticsearch keeps documents over kill -9 and restart", async () => {
    const server = await startElasticsearch({ dir: join(dir, "elasticsearch") });
    const document = `${server.url}/kept/_doc/1`;
    const headers = { "content-type": "application/json" };
    assert.equal((await fetch(document, { method: "PUT", headers, body: '{"n":7}' })).status, 201);
    await server.kill();
    assert.equal(await elasticsearchAnswers(portOf(server.url)), false);
    await server.restart();
    await fetch(`${server.url}/_cluster/health/kept?wait_for_status=yellow`);
    const { _source } = (await (await fetch(document)).json()) as { _source: unknown };
    assert.deepEqual(_source, { n: 7 });
    await server.stop();
    assert.equal(await elasticsearchAnswers(portOf(server.url)), false);
  });

  it("startMariadb keeps committed rows over kill -9 and restart", async () => {
    const server = await startMariadb({ dir: join(dir, "mariadb") });
    const first = await createConnection(server.url);
    await first.query("CREATE DATABASE kept");
    await first.query("CREATE TABLE kept.numbers AS SELECT 7 AS n");
    first.on("error", () => {});
    await server.kill();
    await server.restart();
    const second = await createConnection(server.url);
    const [rows] = await second.query("SELECT n FROM kept.numbers");
    assert.deepEqual(rows, [{ n: 7 }]);
    await second.end();
    await server.stop();
    assert.equal(await mariadbAnswers(portOf(server.url.replace(/\/$/, ""))), false);
  });

  it("startNats greets, and falls silent after stop", async () => {
    const nats = await startNats({ dir: join(dir, "nats") });
    assert.ok(await natsAnswers(portOf(nats.url)));
    assert.equal((await greeting(portOf(nats.url))).max_payload, 8 * 1024 * 1024);
    await nats.stop();
    assert.equal(await natsAnswers(portOf(nats.url)), false);
  });

  it("startStack starts only what it is asked for and the environment does not name", async () => {
    const stack = await startStack({ nats: true }, { dir });
    assert.deepEqual(Object.keys(stack.env), ["NATS_URL"]);
    assert.equal(stack.kafka, undefined);
    assert.equal(stack.nats === undefined, process.env.NATS_URL !== undefined);
    await stack.stop();
  });

  it("runtimes finds binaries that run", () => {
    assert.match(execFileSync(bunPath(), ["--version"], { encoding: "utf8" }), /^\d+\.\d+/);
    assert.match(execFileSync(denoPath(), ["--version"], { encoding: "utf8" }), /^deno \d+\.\d+/);
  });
});
