import assert from "node:assert/strict";
import { request } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { systemClock as clock } from "@millrace/time";
import { ScriptedCluster } from "./scripted-cluster.ts";
import { type Listener, serveGateway } from "./serve.ts";

const anyPort: Listener = { protocol: "http", host: "127.0.0.1", port: 0 };

test("serveGateway answers on every listener, and on none once closed", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  const serving = await serveGateway({ gateway, listeners: [anyPort, anyPort], clock });
  assert.equal(serving.addresses.length, 2);
  for (const address of serving.addresses) {
    assert.deepEqual(await (await fetch(`${address}/connectors`)).json(), []);
  }
  await serving.close();
  await assert.rejects(fetch(`${serving.addresses[0]}/connectors`));
});

test("serveGateway leaves refusals without a content type, as Connect does", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  const serving = await serveGateway({ gateway, listeners: [anyPort], clock });
  for (const [method, path, status] of [
    ["GET", "/nope", 404],
    ["TRACE", "/connectors", 405],
  ] as const) {
    const answer = await raw(`${serving.addresses[0]}${path}`, method);
    assert.deepEqual([answer.status, answer.contentType], [status, undefined]);
    assert.equal(JSON.parse(answer.text).error_code, status);
  }
  await serving.close();
});

test("serveGateway frames answers as Connect does: HTTP/1.0, empty bodies, 90 seconds for idle connections", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  const serving = await serveGateway({ gateway, listeners: [anyPort], clock });
  const port = Number(new URL(serving.addresses[0]!).port);
  assert.match(await exchange(port, "GET /connectors HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 200 OK\r\n.*\[\]$/s);
  assert.match(await exchange(port, "GET /connectors HTTP/1.1\r\nConnection: close\r\n\r\n"), /^HTTP\/1\.1 400 /);
  assert.match(
    await exchange(port, "OPTIONS / HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n"),
    /^HTTP\/1\.1 200 OK\r\n.*content-length: 0\r\n.*\r\n$/s,
  );
  const kept = await fetch(`${serving.addresses[0]}/connectors`);
  assert.equal(kept.headers.get("keep-alive"), "timeout=90");
  await kept.body?.cancel();
  await serving.close();
});

test("serveGateway creates a connector and answers with the address that was used", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  const serving = await serveGateway({ gateway, listeners: [anyPort], clock });
  const [address] = serving.addresses;
  const response = await fetch(`${address}/connectors`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "数据", config: { "connector.class": "FileStreamSource" } }),
  });
  assert.deepEqual(
    [response.status, response.headers.get("location")],
    [201, `${address}/connectors/%E6%95%B0%E6%8D%AE`],
  );
  await response.body?.cancel();
  await serving.close();
});

test("serveGateway names the port that is in use and opens nothing", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  const first = await serveGateway({ gateway, listeners: [anyPort], clock });
  const port = Number(new URL(first.addresses[0]!).port);
  await assert.rejects(serveGateway({ gateway, listeners: [anyPort, { ...anyPort, port }], clock }), {
    message: `Listener http://127.0.0.1:${port}: port ${port} is in use. Stop what listens there, or give another port in "listeners"`,
  });
  await first.close();
});

test("serveGateway refuses https and says what to do", async () => {
  const gateway = (await ScriptedCluster.start()).gateway();
  const listeners: Listener[] = [{ protocol: "https", host: "", port: 8443 }];
  await assert.rejects(serveGateway({ gateway, listeners, clock }), /https:\/\/:8443: .* behind a proxy/);
});

function raw(url: string, method: string): Promise<{ status: number; contentType: string | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    request(url, { method }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, contentType: response.headers["content-type"], text }),
      );
    })
      .on("error", reject)
      .end();
  });
}

/** All that comes back until the server ends the connection. */
function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text)).setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      answer += chunk;
    });
    socket.on("end", () => resolve(answer)).on("error", reject);
  });
}
