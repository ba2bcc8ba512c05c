import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { type DataDirOptions, dataDirPath, openDataDir } from "./data-dir.ts";

const root = mkdtempSync(join(tmpdir(), "millrace-data-"));
after(() => rmSync(root, { recursive: true }));

let made = 0;
function options(): DataDirOptions {
  made += 1;
  return {
    dataDir: join(root, String(made), "state"),
    groupId: "g",
    bootstrapServers: "localhost:9092",
    configStorageTopic: "connect-configs",
    offsetStorageTopic: "connect-offsets",
  };
}

test("dataDirPath is one of its own for each cluster", () => {
  const cluster = { ...options(), dataDir: null, groupId: "my group/1" };
  const path = dataDirPath(cluster);
  assert.match(path, /millrace-data[/\\]my_group_1-[0-9a-f]{8}$/);
  assert.equal(dataDirPath(cluster), path);
  assert.notEqual(dataDirPath({ ...cluster, bootstrapServers: "other:9092" }), path);
  assert.equal(dataDirPath({ ...cluster, dataDir: "some/where" }), resolve("some/where"));
});

test("openDataDir refuses a second worker, naming the first one's process id, until it is released", () => {
  const opts = options();
  const first = openDataDir(opts);
  assert.throws(() => openDataDir(opts), {
    code: "DATA_DIR_IN_USE",
    message: new RegExp(`${opts.dataDir} is in use by the worker with process id ${process.pid}\\.`),
  });
  first.release();
  first.release();
  const second = openDataDir(opts);
  first.release();
  assert.throws(() => openDataDir(opts), { code: "DATA_DIR_IN_USE" });
  second.release();
  assert.deepEqual(readdirSync(second.path), []);
});

test("openDataDir takes over from a process that is gone", async () => {
  const opts = options();
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  openDataDir(opts).release();
  writeFileSync(join(opts.dataDir ?? "", "worker.lock"), JSON.stringify({ pid: child.pid, started: null }));
  const held = openDataDir(opts);
  assert.equal(JSON.parse(readFileSync(join(held.path, "worker.lock"), "utf8")).pid, process.pid);
  assert.deepEqual(readdirSync(held.path), ["worker.lock"]);
});

test("openDataDir takes over when the pid now belongs to another process, or the lock is garbage", () => {
  for (const text of [JSON.stringify({ pid: process.pid, started: "another-boot 12" }), "{", ""]) {
    if (process.platform !== "linux" && text.includes("started")) continue;
    const opts = options();
    openDataDir(opts).release();
    writeFileSync(join(opts.dataDir ?? "", "worker.lock"), text);
    openDataDir(opts).release();
  }
});

test("openDataDir says which directory it cannot make", () => {
  const opts = options();
  openDataDir(opts).release();
  const file = join(opts.dataDir ?? "", "a-file");
  writeFileSync(file, "");
  assert.throws(() => openDataDir({ ...opts, dataDir: join(file, "below") }), {
    code: "DATA_DIR_UNUSABLE",
    message: /a-file.*millrace\.data\.dir/,
  });
});
