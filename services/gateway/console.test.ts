import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryHub } from "@millrace/bus";
import { LogLevels } from "@millrace/service/log-levels";
import { VirtualClock } from "@millrace/time";
import { createGateway } from "./app.ts";

function open(files: Readonly<Record<string, string>> = { "index.html": "<p>", "app.js": "1" }) {
  const clock = new VirtualClock();
  const bus = new MemoryHub({ clock }).connect("gateway");
  const gateway = createGateway({
    bus,
    clock,
    options: {},
    logger: { debug() {}, error() {} },
    levels: new LogLevels("info"),
    console: async (name) => (files[name] === undefined ? null : new TextEncoder().encode(files[name])),
  });
  return (path: string, method = "GET") => gateway.fetch(new Request(`http://gateway${path}`, { method }));
}

test("the console is served below /ui, with types, and may load nothing from elsewhere", async () => {
  const ask = open();
  const redirect = await ask("/ui");
  assert.deepEqual([redirect.status, redirect.headers.get("location")], [302, "ui/"]);
  const page = await ask("/ui/");
  assert.deepEqual([page.status, await page.text()], [200, "<p>"]);
  assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
  assert.match(page.headers.get("content-security-policy") ?? "", /^default-src 'none'; script-src 'self';/);
  assert.equal((await ask("/ui/app.js")).headers.get("content-type"), "text/javascript; charset=utf-8");
  assert.equal(await (await ask("/ui/app.js", "HEAD")).text(), "");
});

test("what is no part of the console is not found, and it takes no writes", async () => {
  const ask = open();
  for (const path of ["/ui/other.js", "/ui/../app.ts", "/ui/%2e%2e/app.ts", "/uix"]) {
    assert.equal((await ask(path)).status, 404, path);
  }
  assert.equal((await ask("/ui/", "POST")).status, 405);
  const unbuilt = await open({})("/ui/");
  assert.deepEqual(
    [unbuilt.status, await unbuilt.text()],
    [404, "The console was not built: run  node deploy/dev/bundle.mjs\n"],
  );
});
