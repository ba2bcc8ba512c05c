import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from "node:net";
import { after, test } from "node:test";
import { defineEvent, defineRequest, isProtocolError } from "@millrace/protocol";
import { systemClock } from "@millrace/time";
import * as z from "zod";
import type { Bus } from "./bus.ts";
import { busConformance } from "./conformance.ts";
import { connectNats } from "./nats.ts";
import { parseNatsUrl } from "./nats-url.ts";

const url = process.env.NATS_URL ?? "";
assert.ok(url !== "", "NATS_URL is not set: these tests need a NATS server, e.g. NATS_URL=nats://127.0.0.1:4222");

const run = `test ${process.pid}.${Date.now()}`;
const open: Bus[] = [];
after(() => Promise.all(open.map((bus) => bus.close())));

async function connect(prefix: string, server = url): Promise<Bus> {
  const bus = await connectNats({ url: server, prefix, clock: systemClock, name: "bus-test" });
  open.push(bus);
  return bus;
}

for (const [index, { name, run: runCase }] of busConformance.entries()) {
  test(`NATS bus: ${name}`, () => runCase({ connect: () => connect(`${run} case ${index}`) }));
}

const echo = defineRequest("test.echo", z.object({ n: z.int() }), z.object({ n: z.int() }));
const rang = defineEvent("test.rang", z.object({ n: z.int() }));

/** A TCP relay before the server, that can be cut and restored. */
async function relay() {
  const target = new URL(parseNatsUrl(url).shown.split(",")[0]!);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connectTcp(Number(target.port || 4222), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => sockets.delete(socket));
    }
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
    near.pipe(far).pipe(near);
  });
  const listen = async (port: number) => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  return {
    url: `nats://127.0.0.1:${port}`,
    restore: () => listen(port),
    async cut() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = Date.now() + 10_000;
  while (!condition()) {
    assert.ok(Date.now() < deadlineMs, "the condition did not come true within 10 s");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("connectNats refuses at once while disconnected, rejects what waited, and comes back with its subscriptions", async () => {
  const wire = await relay();
  const prefix = `${run} cut`;
  const [behind, direct] = [await connect(prefix, wire.url), await connect(prefix)];
  await behind.respond(echo, (message) => message);
  const held = defineRequest("test.held", z.object({}), z.object({}));
  const handler = new EventEmitter();
  await direct.respond(held, async () => {
    handler.emit("reached");
    await once(handler, "release");
    return {};
  });

  const reached = once(handler, "reached");
  const waiting = assert.rejects(behind.request(held, {}), { code: "UNAVAILABLE", retriable: true });
  await reached;
  await wire.cut();
  await waiting;
  handler.emit("release");
  await until(() => !behind.connected());
  const startMs = performance.now();
  await assert.rejects(behind.request(echo, { n: 1 }), (error) => {
    assert.ok(isProtocolError(error));
    assert.match(error.message, /not connected to NATS at nats:\/\/127/);
    return error.code === "UNAVAILABLE";
  });
  behind.publish(rang, { n: 1 });
  assert.ok(performance.now() - startMs < 100);

  await wire.restore();
  await until(() => behind.connected());
  assert.deepEqual(await behind.request(echo, { n: 2 }), { n: 2 });
  assert.deepEqual(await direct.request(echo, { n: 3 }), { n: 3 });
  await behind.close();
  await wire.cut();
});

test("connectNats close does not wait for a server that is gone", async () => {
  const wire = await relay();
  const bus = await connectNats({ url: wire.url, prefix: `${run} gone`, clock: systemClock, name: "bus-test" });
  await bus.respond(echo, (message) => message);
  await wire.cut();
  await until(() => !bus.connected());
  await bus.close();
  assert.equal(bus.connected(), false);
});

test("connectNats waits for a server that starts later", async () => {
  const wire = await relay();
  await wire.cut();
  const connecting = connectNats({ url: wire.url, prefix: run, clock: systemClock, name: "bus-test" });
  await wire.restore();
  const bus = await connecting;
  assert.equal(bus.connected(), true);
  await bus.close();
  await wire.cut();
});

test("connectNats gives up in time and says which URL to check, without its password", async () => {
  const wire = await relay();
  await wire.cut();
  const withPassword = wire.url.replace("nats://", "nats://joe:hunter2@");
  const options = { url: withPassword, prefix: run, clock: systemClock, name: "bus-test", connectTimeoutMs: 300 };
  await assert.rejects(connectNats(options), (error) => {
    assert.ok(isProtocolError(error));
    assert.ok(error.message.includes(`no NATS server at ${wire.url} after`), error.message);
    assert.match(error.message, /NATS_URL/);
    assert.doesNotMatch(error.message, /hunter2/);
    return error.code === "UNAVAILABLE";
  });
});

test("connectNats stops waiting when its signal aborts", async () => {
  const wire = await relay();
  await wire.cut();
  const abort = new AbortController();
  const options = { url: wire.url, prefix: run, clock: systemClock, name: "bus-test", signal: abort.signal };
  const connecting = assert.rejects(connectNats(options), (error) => error === abort.signal.reason);
  abort.abort(new Error("stopping"));
  await connecting;
});

test("connectNats keeps clusters with different group ids apart", async () => {
  const [one, other] = [await connect(`${run} one`), await connect(`${run} other`)];
  await one.respond(echo, (message) => message);
  await assert.rejects(other.request(echo, { n: 1 }), { code: "UNAVAILABLE" });
});
