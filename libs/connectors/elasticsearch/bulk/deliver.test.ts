import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConnectError, isRetriable } from "@millrace/connect";
import type { HttpAnswer } from "../http/http-client.ts";
import { allDone, answerOf, idsOf, instantRetries } from "../testing/fake-elasticsearch.ts";
import type { Write } from "./batch.ts";
import type { ItemOutcome } from "./bulk-answer.ts";
import { deliver } from "./deliver.ts";

const write = (id: string, ordered = false): Write<string> => ({
  operation: {
    text: `{"index":{"_id":"${id}"}}\n{}\n`,
    document: ordered ? id : null,
    waits: ordered,
    versioned: !ordered,
  },
  bytes: 10,
  owner: id,
});

/** Delivers with these answers, an Error for none: what was sent, and what became of each. */
async function delivered(writes: readonly Write<string>[], answers: readonly (HttpAnswer | Error)[], retriesMax = 5) {
  const left = [...answers];
  const sent: string[][] = [];
  const landed: string[] = [];
  const { retry, waits } = instantRetries(retriesMax);
  const tell = ({ owner }: Write<string>, { kind }: ItemOutcome) => void landed.push(`${owner} ${kind}`);
  const send = async (lines: string) => {
    sent.push(idsOf(lines));
    const answer = left.shift();
    if (answer === undefined) throw new Error("no answer is left");
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const failure = await deliver(writes, { send, retry, landed: tell }).then(
    () => null,
    (error: unknown) => error,
  );
  assert.equal(left.length, 0, "every answer was asked for");
  return { sent, landed, waits, failure };
}

const cut = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
const busy = [429, "es_rejected_execution_exception"] as const;

describe("deliver", () => {
  it("tells each operation's own outcome", async () => {
    const answers = [
      answerOf(
        201,
        [409, "version_conflict_engine_exception"],
        [400, "document_parsing_exception"],
        [403, "cluster_block_exception"],
      ),
    ];
    const { landed, failure } = await delivered(
      ["a", "b", "c", "d"].map((id) => write(id)),
      answers,
    );
    assert.deepEqual(landed, ["a done", "b stale", "c malformed", "d failed"]);
    assert.equal(failure, null);
  });

  it("repeats a request that was cut or refused for load, waiting up to twice as long each time", async () => {
    const answers = [cut, { status: 429, body: "" }, { status: 503, body: "" }, allDone];
    const { sent, landed, waits } = await delivered([write("a"), write("b")], answers);
    assert.deepEqual(sent, [
      ["a", "b"],
      ["a", "b"],
      ["a", "b"],
      ["a", "b"],
    ]);
    assert.deepEqual(landed, ["a done", "b done"]);
    assert.deepEqual(waits, [50, 100, 200]);
  });

  it("gives up after max.retries, with an error that says it may pass", async () => {
    const { sent, landed, failure } = await delivered([write("a")], [cut, cut, cut], 2);
    assert.equal(sent.length, 3);
    assert.deepEqual(landed, []);
    assert.match((failure as Error).message, /Failed to write 1 documents after 3 attempts: socket hang up/);
    const refused = await delivered([write("a")], [{ status: 503, body: "" }], 0);
    assert.ok(isRetriable((refused.failure as ConnectError).cause));
  });

  it("does not repeat what will be refused again", async () => {
    const answers = [{ status: 401, body: '{"error":{"type":"security_exception","reason":"no"}}' }];
    const { sent, failure } = await delivered([write("a")], answers);
    assert.equal(sent.length, 1);
    assert.ok(failure instanceof ConnectError);
    assert.match(failure.message, /answered 401: security_exception: no/);
  });

  it("repeats only operations that were refused for load", async () => {
    const answers = [answerOf(201, busy, 201), answerOf(busy), allDone];
    const { sent, landed, waits } = await delivered(
      ["a", "b", "c"].map((id) => write(id)),
      answers,
    );
    assert.deepEqual(sent, [["a", "b", "c"], ["b"], ["b"]]);
    assert.deepEqual(landed, ["a done", "c done", "b done"]);
    assert.deepEqual(waits, [50, 100]);
  });

  it("repeats later operations on the same document where only their order says which is newer", async () => {
    const answers = [answerOf(201, busy, 201, 201), allDone];
    const { sent, landed } = await delivered(
      ["a", "b", "b", "c"].map((id) => write(id, true)),
      answers,
    );
    assert.deepEqual(sent, [
      ["a", "b", "b", "c"],
      ["b", "b"],
    ]);
    assert.deepEqual(landed, ["a done", "c done", "b done", "b done"]);
  });

  it("gives up on operations that are refused for load too often", async () => {
    const { sent, landed, failure } = await delivered(
      [write("a"), write("b")],
      [answerOf(201, busy), answerOf(busy)],
      1,
    );
    assert.equal(sent.length, 2);
    assert.deepEqual(landed, ["a done"]);
    assert.ok(isRetriable((failure as ConnectError).cause));
  });

  it("finds the document for which a whole request is refused", async () => {
    const whole = {
      status: 400,
      body: '{"error":{"type":"action_request_validation_exception","reason":"id too long"}}',
    };
    const answers = [whole, allDone, whole, whole, allDone];
    const { sent, landed } = await delivered(
      ["a", "b", "c", "d"].map((id) => write(id)),
      answers,
    );
    assert.deepEqual(sent, [["a", "b", "c", "d"], ["a", "b"], ["c", "d"], ["c"], ["d"]]);
    assert.deepEqual(landed, ["a done", "b done", "c malformed", "d done"]);
  });

  it("divides a request that is too large", async () => {
    const answers = [{ status: 413, body: "" }, allDone, allDone];
    const { sent, landed } = await delivered([write("a"), write("b")], answers);
    assert.deepEqual(sent, [["a", "b"], ["a"], ["b"]]);
    assert.deepEqual(landed, ["a done", "b done"]);
  });

  it("refuses an answer that is not Elasticsearch's", async () => {
    const page = await delivered([write("a")], [{ status: 200, body: "<html>" }]);
    assert.match((page.failure as Error).message, /is it Elasticsearch/);
    const short = await delivered([write("a"), write("b")], [answerOf([400, "x"])]);
    assert.match((short.failure as Error).message, /of 2 operations has 1 items/);
  });
});
