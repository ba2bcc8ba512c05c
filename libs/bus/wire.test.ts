import assert from "node:assert/strict";
import { test } from "node:test";
import { defineRequest } from "@millrace/protocol";
import * as z from "zod";
import { parseNatsUrl } from "./nats-url.ts";
import { decodeReply, encodeRequest, subjectPrefix } from "./wire.ts";

const put = defineRequest("test.put", z.object({ a: z.int(), b: z.int() }), z.object({}));

test("subjectPrefix keeps safe characters and never joins two group ids", () => {
  assert.equal(subjectPrefix("connect-cluster_1"), "millrace.connect-cluster_1");
  assert.equal(subjectPrefix("a.b *>é"), "millrace.a=2Eb=20=2A=3E=C3=A9");
  const ids = ["a.b", "a=2Eb", "a_b", "a-b", "", "="];
  assert.equal(new Set(ids.map(subjectPrefix)).size, ids.length);
  for (const id of ids) assert.match(subjectPrefix(id), /^millrace\.[A-Za-z0-9_=-]+$/);
});

test("encodeRequest names every wrong field and shows no value", () => {
  assert.throws(
    () => encodeRequest(put, { a: "hunter2", b: 0.5 } as unknown as { a: number; b: number }),
    (error) => {
      const { message } = error as Error;
      assert.match(message, /request test\.put to be sent does not fit its schema: a: .*; b: /);
      return !message.includes("hunter2");
    },
  );
});

test("decodeReply says when an answer is not JSON or not an envelope", () => {
  assert.throws(() => decodeReply(put, "<html>"), {
    code: "INTERNAL",
    message: "answer to test.put as received is not JSON",
  });
  assert.throws(() => decodeReply(put, "{}"), { code: "INTERNAL" });
});

test("parseNatsUrl reads servers, credentials and protocol, and shows no credentials", () => {
  assert.deepEqual(parseNatsUrl("nats://joe:p%40ss@a:4222, b:4223"), {
    servers: ["a:4222", "b:4223"],
    webSocket: false,
    tls: false,
    user: "joe",
    pass: "p@ss",
    shown: "nats://a:4222,nats://b:4223",
  });
  assert.equal(parseNatsUrl("tls://s3cr3t@a").token, "s3cr3t");
  assert.equal(parseNatsUrl("tls://s3cr3t@a").tls, true);
  assert.deepEqual(parseNatsUrl("wss://a/nats").servers, ["wss://a/nats"]);
  assert.throws(() => parseNatsUrl(""), /empty/);
  assert.throws(
    () => parseNatsUrl("http://joe:pw@a:4222"),
    (error) => {
      assert.match((error as Error).message, /http:\/\/a:4222 cannot be used/);
      return true;
    },
  );
});
