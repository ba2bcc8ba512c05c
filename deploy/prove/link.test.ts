import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Link } from "./link.ts";

const echo = createServer((socket) => socket.on("error", () => {}).pipe(socket)).listen(0, "127.0.0.1");
await once(echo, "listening");
const links: Link[] = [];
after(() => {
  for (const link of links) link.close();
  echo.close();
});

async function open(): Promise<{ link: Link; socket: Socket }> {
  const link = await Link.open("client ↔ echo", (echo.address() as { port: number }).port);
  links.push(link);
  const socket = connect(link.port, "127.0.0.1").on("error", () => {});
  socket.write("a");
  assert.equal(String((await once(socket, "data"))[0]), "a");
  return { link, socket };
}

/** Unlike `once`, also where a reset comes before. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once("close", () => resolve()));
}

async function untilAffected(link: Link): Promise<void> {
  while (link.affected === 0) await setImmediate();
}

test("what is held arrives when the link is mended", async () => {
  const { link, socket } = await open();
  let heard = "";
  socket.on("data", (bytes) => (heard += bytes));
  link.cut("held");
  socket.write("b");
  await untilAffected(link);
  assert.equal(heard, "");
  link.mend();
  await once(socket, "data");
  assert.equal(heard, "b");
});

test("a reset link ends its connections and takes none until it is mended", async () => {
  const { link, socket } = await open();
  link.cut("reset");
  await closed(socket);
  const refused = connect(link.port, "127.0.0.1").on("error", () => {});
  await closed(refused);
  link.mend();
  const again = connect(link.port, "127.0.0.1").on("error", () => {});
  again.write("c");
  assert.equal(String((await once(again, "data"))[0]), "c");
});

test("a connection that lost bytes stays open while the link is cut, and is reset when it is mended", async () => {
  for (const how of ["requests lost", "answers lost", "silent"] as const) {
    const { link, socket } = await open();
    socket.on("data", () => assert.fail("nothing arrives"));
    link.cut(how);
    socket.write("d");
    await untilAffected(link);
    assert.equal(socket.destroyed, false);
    const isClosed = closed(socket);
    link.mend();
    await isClosed;
  }
});
