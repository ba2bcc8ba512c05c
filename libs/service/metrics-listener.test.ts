import assert from "node:assert/strict";
import { test } from "node:test";
import { endText, familyText } from "@millrace/metrics";
import { serveMetrics } from "./metrics-listener.ts";
import { processMetrics } from "./process-metrics.ts";

const LOCAL = { protocol: "http", host: "127.0.0.1", port: 0 } as const;

test("serveMetrics answers on its listeners, with nothing but /metrics", async () => {
  let broken = false;
  const serving = await serveMetrics([LOCAL], async (format) => {
    if (broken) throw new Error("nobody answers");
    return [...processMetrics("runner").map((family) => familyText(family, format)), endText(format)];
  });
  const [address] = serving.addresses as [string];
  const url = address.replace("localhost", "127.0.0.1");
  const plain = await fetch(url);
  assert.match(plain.headers.get("content-type") ?? "", /^text\/plain/);
  assert.match(await plain.text(), /^process_resident_memory_bytes\{service="runner"\} \d+$/m);
  const open = await fetch(url, { headers: { accept: "application/openmetrics-text" } });
  assert.equal(open.headers.get("content-encoding"), "gzip");
  assert.match(await open.text(), /# EOF\n$/);
  assert.equal((await fetch(url.replace("/metrics", "/"))).status, 404);
  assert.equal((await fetch(url, { method: "POST" })).status, 405);
  broken = true;
  assert.equal((await fetch(url)).status, 503);
  await serving.close();
});

test("serveMetrics opens nothing without listeners, and says which one it cannot open", async () => {
  assert.deepEqual((await serveMetrics([], async () => [])).addresses, []);
  await assert.rejects(
    serveMetrics([{ ...LOCAL, protocol: "https" }], async () => []),
    /https:\/\/127\.0\.0\.1:0 in millrace\.metrics\.listeners/,
  );
});
