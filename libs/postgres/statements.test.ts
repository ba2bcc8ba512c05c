import assert from "node:assert/strict";
import { test } from "node:test";
import { type StatementFailure, statements } from "./statements.ts";

class Told extends Error {
  readonly failure: StatementFailure;

  constructor(failure: StatementFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

const { reading, writing } = statements({
  of: "status",
  fail: (failure) => new Told(failure),
  isForeseen: (error) => error instanceof RangeError,
});

/** As drizzle throws: its own error around the driver's. */
function failed(code: string): Error {
  const cause = Object.assign(new Error("connect refused"), { code });
  return new Error("Failed query: insert … params: s3cret", { cause });
}

test("statements tell what the driver said and whether it passes, and show no parameters", async () => {
  for (const [code, isPassing] of [
    ["ECONNREFUSED", true],
    ["57014", true],
    ["42P01", false],
  ] as const) {
    await assert.rejects(
      reading(() => Promise.reject(failed(code))),
      (error: Told) => {
        assert.equal(error.message, `The status database could not be read: connect refused (${code}).`);
        assert.equal(error.failure.isPassing, isPassing);
        return true;
      },
    );
  }
});

test("statements say of a write that it may have been stored, and carry it out once", async () => {
  let times = 0;
  const write = () => {
    times++;
    return Promise.reject(failed("CONNECTION_CLOSED"));
  };
  await assert.rejects(writing(write), /could not be written: .* \(CONNECTION_CLOSED\)\. Whether .* is not known/);
  assert.equal(times, 1);
});

test("statements read again, twice, when the connection was lost", async () => {
  let times = 0;
  const read = (failures: number) => async () => {
    times++;
    if (times <= failures) throw failed("CONNECTION_CLOSED");
    return "row";
  };
  assert.equal(await reading(read(2)), "row");
  assert.equal(times, 3);
  times = 0;
  await assert.rejects(reading(read(3)), Told);
  assert.equal(times, 3);
});

test("statements leave foreseen errors as they are", async () => {
  const refused = new RangeError("no such version");
  for (const call of [reading, writing])
    await assert.rejects(
      call(() => Promise.reject(refused)),
      refused,
    );
});
