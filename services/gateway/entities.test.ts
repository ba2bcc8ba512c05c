import assert from "node:assert/strict";
import { test } from "node:test";
import type { TaskStatus } from "@millrace/protocol";
import { taskStateInfo } from "./entities.ts";

const running: TaskStatus = { id: 0, state: "RUNNING", workerId: "w:8083", version: "1", trace: null };

test("taskStateInfo tells of automatic restarts behind Connect's own keys, and only when there were some", () => {
  const text = (status: TaskStatus) => JSON.stringify(taskStateInfo(status));
  const plain = '{"id":0,"state":"RUNNING","worker_id":"w:8083","version":"1"';
  assert.equal(text(running), `${plain}}`);
  const restarts = { count: 2, reason: "retriable: connection lost", nextMs: null };
  assert.equal(
    text({ ...running, restarts }),
    `${plain},"restarts":{"count":2,"reason":"retriable: connection lost"}}`,
  );
  assert.equal(text({ ...running, restarts: { ...restarts, count: 0 } }), `${plain}}`);
  assert.equal(
    text({ ...running, state: "RESTARTING", trace: "lost", restarts: { ...restarts, nextMs: 17 } }),
    '{"id":0,"state":"RESTARTING","worker_id":"w:8083","version":"1","trace":"lost",' +
      '"restarts":{"count":2,"reason":"retriable: connection lost","next_restart_ms":17}}',
  );
});
