import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, test } from "node:test";
import { freePort } from "../../deploy/dev/probe.mjs";
import { checkoutDir } from "../../deploy/dev/setup/places.mjs";
import { childPids } from "../../deploy/prove/child-pids.ts";
import { RestClient } from "../../deploy/prove/rest-client.ts";
import { readCommitted } from "../../deploy/prove/topic-reader.ts";
import { until } from "../../deploy/prove/until.ts";
import { StandaloneFixture, sharedServer } from "./standalone-fixture.ts";

const fixture = new StandaloneFixture("cluster");
after(() => fixture.close());

test("millrace cluster runs connectors on several runners, and SIGTERM ends every service in order", async () => {
  const bootstrapServers = sharedServer("KAFKA_BOOTSTRAP_SERVERS");
  const [port, group, topic] = [await freePort(), fixture.run, `${fixture.run}-lines`];
  const settings = {
    "group.id": group,
    "bootstrap.servers": bootstrapServers,
    "offset.storage.topic": `${group}-offsets`,
    "value.converter": "org.apache.kafka.connect.storage.StringConverter",
    listeners: `http://127.0.0.1:${port}`,
  };
  const bin = join(checkoutDir, "libs/cli/bin/millrace.mjs");
  const args = Object.entries(settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
  const cluster = spawn(process.execPath, [bin, "cluster", ...args], { cwd: fixture.dir });
  let output = "";
  cluster.stdout.on("data", (bytes: Buffer) => {
    output += bytes;
  });
  const rest = new RestClient(`http://127.0.0.1:${port}`);
  const workers = new Set<string>();
  for (const name of ["a", "b"]) {
    const config = { "connector.class": "FileStreamSource", file: fixture.write(`${name}.txt`, `${name}\n`), topic };
    await rest.insist("PUT", `/connectors/${name}/config`, config);
    await until(`${name} runs`, () => rest.isIn("RUNNING", name, 1));
    workers.add((await rest.status(name))!.tasks[0]!.worker_id);
  }
  assert.equal(workers.size, 2);
  const lines: string[] = [];
  await until("both lines arrive", async () => {
    lines.length = 0;
    await readCommitted(bootstrapServers, [topic], ({ value }) => lines.push(Buffer.from(value!).toString()));
    return lines.length === 2;
  });
  assert.deepEqual(lines.sort(), ["a", "b"]);

  const children = childPids(cluster.pid!);
  cluster.kill("SIGTERM");
  const [code] = await once(cluster, "exit");
  assert.equal(code, 0, output);
  const ends = output.match(/^\S+ ended \(.*\)$/gm) ?? [];
  assert.deepEqual(
    ends.filter((line) => !line.endsWith("(exit code 0)")),
    [],
    output,
  );
  assert.equal(ends.length, 6, "gateway, two runners, two schedulers, config");
  await until("no process is left", () => !children.some(isAlive), 5_000);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
