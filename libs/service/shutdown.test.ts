import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { VirtualClock } from "@millrace/time";
import { createLogger, silentLogger } from "./log.ts";
import { type Lifetime, type ProcessPort, runUntilSignal } from "./shutdown.ts";

class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];

  exit(code: number): void {
    this.exits.push(code);
  }
}

function run(start: (lifetime: Lifetime) => Promise<void>) {
  const [fake, clock] = [new FakeProcess(), new VirtualClock()];
  const process: ProcessPort = fake;
  const code = runUntilSignal({ start, logger: silentLogger, stopTimeoutMs: 1000, clock, process });
  return { fake, clock, code };
}

test("runUntilSignal aborts, stops in reverse order and exits 0 on SIGTERM", async () => {
  const steps: string[] = [];
  const { fake, code, clock } = run(async ({ signal, onStop }) => {
    signal.addEventListener("abort", () => steps.push("aborted"));
    onStop("first", () => void steps.push("first"));
    onStop("second", async () => {
      await Promise.resolve();
      steps.push("second");
    });
  });
  fake.emit("SIGTERM");
  assert.equal(await code, 0);
  assert.deepEqual(steps, ["aborted", "second", "first"]);
  assert.deepEqual(fake.exits, [0]);
  assert.equal(clock.nextTimerMs(), null);
});

test("runUntilSignal keeps the process running while it waits", async () => {
  const { fake, code, clock } = run(async () => {});
  assert.notEqual(clock.nextTimerMs(), null);
  fake.emit("SIGTERM");
  assert.equal(await code, 0);
  assert.equal(clock.nextTimerMs(), null);
});

test("runUntilSignal goes on stopping when one stop fails", async () => {
  const steps: string[] = [];
  const { fake, code } = run(async ({ onStop }) => {
    onStop("first", () => void steps.push("first"));
    onStop("second", () => {
      throw new Error("stuck");
    });
  });
  fake.emit("SIGINT");
  assert.equal(await code, 0);
  assert.deepEqual(steps, ["first"]);
});

test("runUntilSignal exits 2 when start fails, having stopped what was started", async () => {
  const steps: string[] = [];
  const { fake, code } = run(async ({ onStop }) => {
    onStop("first", () => void steps.push("first"));
    throw new Error("no database");
  });
  assert.equal(await code, 2);
  assert.deepEqual(steps, ["first"]);
  assert.deepEqual(fake.exits, [2]);
});

test("runUntilSignal exits 2 when something fails while running, or nobody catches an error", async () => {
  const failing = run(async ({ fail }) => fail(new Error("lost")));
  assert.equal(await failing.code, 2);
  const uncaught = run(async () => {});
  uncaught.fake.emit("unhandledRejection", new Error("unforeseen"));
  assert.equal(await uncaught.code, 2);
});

test("runUntilSignal exits 3 when a stop takes too long, and does not begin the next", async () => {
  const steps: string[] = [];
  const { fake, clock, code } = run(async ({ onStop }) => {
    onStop("first", () => void steps.push("first"));
    onStop("stuck", () => clock.sleep(60_000));
  });
  fake.emit("SIGTERM");
  await clock.advance(1000);
  assert.equal(await code, 3);
  await clock.advance(60_000);
  assert.deepEqual(steps, []);
});

test("runUntilSignal waits longer for a stop that says it may take longer", async () => {
  const { fake, clock, code } = run(async ({ onStop }) => onStop("slow", () => clock.sleep(5000), 4500));
  fake.emit("SIGTERM");
  await clock.advance(5000);
  assert.equal(await code, 0);
});

test("runUntilSignal exits at once on a second signal", async () => {
  const { fake } = run(async ({ onStop }) => onStop("stuck", () => new Promise(() => {})));
  fake.emit("SIGINT");
  fake.emit("SIGINT");
  assert.deepEqual(fake.exits, [130]);
  fake.emit("SIGTERM");
  assert.deepEqual(fake.exits, [130, 143]);
});

test("runUntilSignal on a signal while starting aborts, and stops what was added until start gave up", async () => {
  const steps: string[] = [];
  const { fake, code, clock } = run(async ({ signal, onStop }) => {
    onStop("first", () => void steps.push("first"));
    await clock.sleep(60_000, signal);
  });
  fake.emit("SIGTERM");
  assert.equal(await code, 0);
  assert.deepEqual(steps, ["first"]);
});

test("runUntilSignal logs its end to the logger that start handed over", async () => {
  const lines: string[] = [];
  const configured = createLogger({ name: "configured", destination: { write: (line) => lines.push(line) } });
  const { fake, code } = run(async ({ logTo, onStop }) => {
    logTo(configured);
    onStop("stuck", () => {
      throw new Error("stuck");
    });
  });
  fake.emit("SIGTERM");
  await code;
  const said = lines.map((line) => JSON.parse(line).msg);
  assert.deepEqual(said, ["stopping; another signal leaves at once", "stopping stuck failed", "stopped"]);
});
