import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { until } from "../../../deploy/prove/until.ts";
import { runMillrace, StandaloneFixture, sharedServer } from "../standalone-fixture.ts";
import { Ticks } from "./ticks.ts";

/** What each module does while it is loaded, by its package. */
const broken = {
  "a-kills": `process.kill(process.pid, "SIGKILL");`,
  "b-exits": "process.reallyExit(3);",
  "c-throws": `throw new Error("thrown by a module");`,
  "d-throws-later": `setInterval(() => { throw new Error("thrown later"); }, 50); ${pluginOf("stray.Sink")}`,
};

function pluginOf(name: string): string {
  const config = "config: { keys: new Map(), validate: () => [] }";
  return `export default { type: "sink", class: "${name}", version: "1", overview: "", ${config}, create() {} };`;
}

test("modules that end or trouble the host that loads them are left out once, and everything else runs", async () => {
  const fixture = new StandaloneFixture("broken-modules");
  const ticks = new Ticks(fixture.dir);
  try {
    const pluginPath = ticks.open();
    for (const [name, code] of Object.entries(broken)) {
      fixture.write(`plugins/${name}/package.json`, JSON.stringify({ type: "module", millrace: "./plugin.mjs" }));
      fixture.write(`plugins/${name}/plugin.mjs`, code);
    }
    const { service, rest } = await fixture.start({
      properties: {
        "bootstrap.servers": sharedServer("KAFKA_BOOTSTRAP_SERVERS"),
        "plugin.path": pluginPath,
        "offset.storage.topic": `${fixture.run}-offsets`,
        "offset.storage.replication.factor": "1",
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter": "org.apache.kafka.connect.storage.StringConverter",
      },
    });
    // Each in a host of its own: every one of them loads all plugins anew.
    for (const name of ["one", "two", "three"]) {
      await rest.insist("PUT", `/connectors/${name}/config`, {
        "connector.class": "hostile.Neighbour",
        "task.isolation": "task",
        topic: `${fixture.run}-records`,
        "ticks.file": ticks.file(name),
      });
    }
    for (const name of ["one", "two", "three"]) {
      await until(`${name} is polled`, () => ticks.times(name).length > 20);
      const status = await rest.status(name);
      assert.equal(status?.tasks[0]?.state, "RUNNING");
    }
    const plugins = JSON.parse((await rest.insist("GET", "/connector-plugins")).text) as { class: string }[];
    assert.ok(
      plugins.some((plugin) => plugin.class === "stray.Sink"),
      "it is whole but for its timer",
    );
    type Broken = { plugins: { file: string; reason: string; quarantined: boolean }[]; missingRunners: number };
    const listed = JSON.parse((await rest.insist("GET", "/millrace/v1/plugins/broken")).text) as Broken;
    const states = listed.plugins.map(({ file, quarantined }) => [file.split("/").at(-2), quarantined]);
    assert.deepEqual(states.sort(), [
      ["a-kills", true],
      ["b-exits", true],
      ["c-throws", false],
    ]);
    assert.match(listed.plugins.at(-1)!.reason, /thrown by a module/);
    assert.equal(listed.missingRunners, 0);
    const { code, stdout } = await runMillrace(["plugins", "--broken"], { MILLRACE_URL: rest.url });
    assert.equal(code, 0);
    assert.match(stdout, /a-kills\S+ +quarantine +the task host that loaded it ended: .*SIGKILL/);
    const log = readFileSync(service.logFile, "utf8").split("\n");
    const lines = (text: RegExp) => log.filter((line) => text.test(line) && line.includes('"error"')).length;
    assert.equal(lines(/a-kills.*quarantine/), 1);
    assert.equal(lines(/b-exits.*quarantine/), 1);
    assert.equal(lines(/c-throws.*left out/), 1);
    assert.equal(lines(/a task host ended/), 2, "one for each of the two");
    const hosts = log.filter((line) => /d-throws-later.*nobody caught/.test(line)).length;
    assert.ok(hosts >= 3 && hosts < 12, `one line for each host: ${hosts}`);
  } finally {
    ticks.close();
    await fixture.close();
  }
});
