import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtocolError } from "@millrace/protocol";
import { VirtualClock } from "@millrace/time";
import { type IpcMessage, Peer } from "./ipc.ts";

interface Left {
  double: { params: { n: number }; result: { n: number } };
}
interface Right {
  fail: { params: { code: "CONFLICT" | "UNAVAILABLE" }; result: Record<string, never> };
  crash: { params: Record<string, never>; result: Record<string, never> };
  wait: { params: { name: string }; result: { name: string } };
}

function connect() {
  const clock = new VirtualClock();
  const waiting = new Map<string, () => void>();
  const wire: IpcMessage[] = [];
  let lost = false;
  const pass = (to: () => { deliver(message: IpcMessage): void }) => (message: IpcMessage) => {
    wire.push(message);
    const copy = JSON.parse(JSON.stringify(message)) as IpcMessage;
    if (!lost) queueMicrotask(() => to().deliver(copy));
  };
  const left: Peer<Left, Right> = new Peer<Left, Right>({
    clock,
    send: pass(() => right),
    handlers: { double: ({ n }) => ({ n: n * 2 }) },
  });
  const right: Peer<Right, Left> = new Peer<Right, Left>({
    clock,
    send: pass(() => left),
    handlers: {
      fail: ({ code }) => {
        throw new ProtocolError(code, `it is ${code}`);
      },
      crash: async () => {
        throw new TypeError("x is not a function");
      },
      wait: ({ name }) => new Promise((resolve) => waiting.set(name, () => resolve({ name }))),
    },
  });
  const cut = () => {
    lost = true;
  };
  return { clock, left, right, waiting, wire, cut };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("Peer calls both ways and takes answers in any order", async () => {
  const { left, right, waiting } = connect();
  assert.deepEqual(await right.call("double", { n: 21 }, 1000), { n: 42 });
  const calls = ["a", "b"].map((name) => left.call("wait", { name }, 1000));
  await settled();
  waiting.get("b")!();
  assert.deepEqual(await calls[1], { name: "b" });
  waiting.get("a")!();
  assert.deepEqual(await calls[0], { name: "a" });
});

test("Peer rejects with the other side's error: its code, message and whether a retry helps", async () => {
  const { left } = connect();
  await assert.rejects(left.call("fail", { code: "CONFLICT" }, 1000), {
    code: "CONFLICT",
    message: "it is CONFLICT",
    retriable: false,
  });
  await assert.rejects(left.call("fail", { code: "UNAVAILABLE" }, 1000), { code: "UNAVAILABLE", retriable: true });
  await assert.rejects(left.call("crash", {}, 1000), { code: "INTERNAL", message: "x is not a function" });
  await assert.rejects(left.call("nothing" as "crash", {}, 1000), {
    code: "INTERNAL",
    message: "There is no 'nothing' to call",
  });
});

test("Peer gives up after the timeout, and a late answer harms nobody", async () => {
  const { clock, left, right, waiting } = connect();
  const call = assert.rejects(left.call("wait", { name: "a" }, 1000), { code: "TIMEOUT", retriable: true });
  await clock.advance(1000);
  await call;
  waiting.get("a")!();
  await settled();
  assert.deepEqual(await right.call("double", { n: 1 }, 1000), { n: 2 });
  assert.equal(clock.nextTimerMs(), null, "no timer is left behind");
});

test("Peer rejects everything that waits, or comes later, when the other side is gone", async () => {
  const { clock, left, cut } = connect();
  cut();
  const calls = [left.call("wait", { name: "a" }, 1000), left.call("crash", {}, 1000)];
  left.disconnect("The task host ended (exit code 1)");
  calls.push(left.call("crash", {}, 1000));
  for (const call of calls) {
    await assert.rejects(call, { code: "UNAVAILABLE", message: "The task host ended (exit code 1)", retriable: true });
  }
  assert.equal(clock.nextTimerMs(), null);
});
