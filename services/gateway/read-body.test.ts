import assert from "node:assert/strict";
import { test } from "node:test";
import { readBody } from "./read-body.ts";

const headers = { "content-type": "application/json;charset=ISO-8859-1" };

function body(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  return readBody(new Request("http://gateway/connectors", { method: "POST", headers, body: bytes }), 100);
}

test("a body is UTF-8, with or without a byte order mark, whatever its content type says", async () => {
  assert.equal(await body(new TextEncoder().encode('{"name":"gr\u00fcn"}')), '{"name":"grün"}');
  assert.equal(await body(new TextEncoder().encode("\ufeff{}")), "{}");
});

test("a body in another encoding is refused and not guessed at", async () => {
  const message = "The request body is not valid UTF-8. JSON is UTF-8, whatever charset the content type names";
  await assert.rejects(body(Buffer.from('{"name":"gr\u00fcn"}', "latin1")), { status: 500, message });
});
