import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { until } from "../../deploy/prove/until.ts";
import { startKafkaConnect } from "./kafka-connect.ts";
import { runMillrace, StandaloneFixture, sharedServer } from "./standalone-fixture.ts";

const bootstrapServers = sharedServer("KAFKA_BOOTSTRAP_SERVERS");
const fixture = new StandaloneFixture("command_line");
after(() => fixture.close());

const STRING = "org.apache.kafka.connect.storage.StringConverter";
const FILE_SOURCE = "org.apache.kafka.connect.file.FileStreamSourceConnector";

/** The command line against one server; each answer is kept to one exit code. */
function against(url: string) {
  const contexts = join(fixture.dir, `contexts-${new URL(url).port}.json`);
  return async (line: string, code = 0): Promise<string> => {
    const env = { MILLRACE_URL: url, MILLRACE_CONTEXTS: contexts };
    const exit = await runMillrace(line.split(" "), env);
    assert.equal(exit.code, code, `millrace ${line}\n${exit.output}`);
    return code === 0 ? exit.stdout : exit.output;
  };
}

/** What Kafka Connect's own REST API can do, so it works against either. */
async function connectorLife(url: string, run: string): Promise<void> {
  const millrace = against(url);
  const input = fixture.write(`${run}/in.txt`, "one\ntwo\n");
  const name = `${run}-lines`;
  const file = fixture.write(
    `${run}/connectors/lines.yaml`,
    `name: ${name}\nconnector.class: ${FILE_SOURCE}\ntasks.max: 1\nfile: ${input}\ntopic: ${run}-lines\n`,
  );
  const folder = join(file, "..");

  assert.match(await millrace(`diff -f ${folder}`, 1), /: create\n/);
  assert.match(await millrace(`validate -f ${file}`), /: valid\n/);
  assert.match(await millrace(`apply -f ${folder} --dry-run`), /1 to create, 0 to update, 0 unchanged/);
  assert.match(await millrace(`apply -f ${folder}`), /-lines: created/);
  await until("it runs", async () => /RUNNING +1\/1/.test(await millrace(`get ${name}`)));
  assert.match(await millrace(`diff -f ${folder}`), /: unchanged/);

  const described = await millrace(`describe ${name}`);
  assert.match(described, new RegExp(`Name: +${name}\n`));
  assert.match(described, new RegExp(`file: +${input}\n`));
  const listed = JSON.parse(await millrace(`get ${name} -o json`)) as Record<string, { info: { type: string } }>;
  assert.equal(listed[name]?.info.type, "source");
  assert.match(await millrace(`get -o wide`), new RegExp(FILE_SOURCE));
  assert.match(await millrace(`get -o yaml`), new RegExp(`^${name}:\n`, "m"));

  assert.match(await millrace(`patch ${name} batch.size=77 tasks.max=1`), /patched/);
  assert.match(await millrace(`diff -f ${file}`, 1), /- batch\.size: "77"/);
  writeFileSync(
    file,
    `${name.length > 0 ? `name: ${name}` : ""}\nconnector.class: ${FILE_SOURCE}\nfile: ${input}\ntopic: other\n`,
  );
  assert.match(await millrace(`apply -f ${file}`), /~ topic: ".*-lines" -> "other"[\s\S]*updated/);

  await until("offsets are there", async () => /position/.test(await millrace(`offsets get ${name}`)));
  assert.match(await millrace(`offsets reset ${name}`, 1), /STOPPED state/);
  assert.match(await millrace(`pause ${name}`), /pausing/);
  await until("it is paused", async () => /PAUSED/.test(await millrace(`get ${name}`)));
  assert.match(await millrace(`resume ${name}`), /resuming/);
  await until("it runs again", async () => /RUNNING +1\/1/.test(await millrace(`get ${name}`)));
  await millrace(`restart ${name}`);
  await until("it runs after a restart", async () => /RUNNING +1\/1/.test(await millrace(`get ${name}`)));
  await millrace(`restart ${name}/0`);
  const partition = JSON.stringify({ filename: input });
  const set = `offsets set ${name} --partition ${partition} --offset {"position":4} --stop`;
  assert.match(await millrace(set), /altered successfully/);
  await until("it is back", async () => /RUNNING +1\/1/.test(await millrace(`get ${name}`)));
  assert.match(await millrace(`offsets reset ${name} --stop`), /reset successfully/);

  assert.match(await millrace("plugins"), new RegExp(`${FILE_SOURCE} +source`));
  assert.match(await millrace(`plugins ${FILE_SOURCE}`), /^topic +STRING/m);
  assert.match(
    await millrace(`create ${name} --set connector.class=${FILE_SOURCE} --set topic=x`, 1),
    /already exists/,
  );
  assert.match(await millrace("describe nothing", 3), /Connector nothing not found|No status found/);
  assert.match(await millrace(`__complete describe ${run}`), new RegExp(`^${name}\n`));
  assert.match(await millrace(`delete ${name}`), /deleted/);
  assert.match(await millrace(`delete ${name}`, 3), /not found/);
}

test("the command line takes a connector through its life, on Millrace and on Kafka Connect alike", {
  timeout: 900_000,
}, async (context) => {
  const { rest } = await fixture.start({
    properties: {
      "bootstrap.servers": bootstrapServers,
      "key.converter": STRING,
      "value.converter": STRING,
      "offset.storage.topic": `${fixture.run}-offsets`,
    },
  });
  await context.test("Millrace", () => connectorLife(rest.url, "millrace"));
  await context.test("what only Millrace has", () => onlyMillrace(rest.url));
  const dir = join(fixture.dir, "kafka-connect");
  mkdirSync(dir);
  const peer = await startKafkaConnect(dir, bootstrapServers, fixture.run);
  try {
    await context.test("Kafka Connect 4.3.1", () => connectorLife(peer.url, "peer"));
    await context.test("Kafka Connect has no history", async () => {
      assert.match(await against(peer.url)("history x", 3), /only Millrace does/);
    });
  } finally {
    await peer.stop();
  }
});

async function onlyMillrace(url: string): Promise<void> {
  const millrace = against(url);
  const input = fixture.write("own/in.txt", '{"n":1}\n{"n":\n{"n":2}\n');
  const topic = `${fixture.run}-own`;
  const sink = {
    "connector.class": "FileStreamSink",
    topics: topic,
    file: join(fixture.dir, "own/out.txt"),
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter.schemas.enable": "false",
    "errors.tolerance": "all",
    "errors.deadletterqueue.topic.name": `${topic}-dlq`,
    "errors.deadletterqueue.topic.replication.factor": "1",
    "errors.deadletterqueue.context.headers.enable": "true",
  };
  const source = { "connector.class": "FileStreamSource", file: input, topic };
  const file = fixture.write(
    "own/connectors.json",
    JSON.stringify([
      { name: "own-source", config: source },
      { name: "own-sink", config: sink },
    ]),
  );

  const tried = await millrace(
    `preview -f ${fixture.write("own/try.json", JSON.stringify({ name: "try", ...source }))} --records 3`,
  );
  assert.match(tried, /Record 3\n +poll +.*"\{\\"n\\":2\}"/);
  assert.match(await millrace(`apply -f ${file}`), /2 to create/);
  await until("the broken record is a dead letter", async () =>
    /VALUE_CONVERTER/.test(await millrace("dlq list own-sink")),
  );
  const [{ id }] = (JSON.parse(await millrace("dlq list own-sink -o json")) as { groups: [{ id: string }] }).groups;
  assert.match(
    await millrace(`dlq show own-sink --group ${id}`),
    /^0-0\n +From: +.*-own-0-1\n[\s\S]*Value: +\{"n":\n/m,
  );
  const mended = fixture.write("own/mended.json", '{"n":3}');
  assert.match(
    await millrace(`dlq replay own-sink 0-0 --value-file ${mended} --to connector`),
    /^1 sent, 0 sent before, 0 failed/,
  );
  assert.match(await millrace("dlq replay own-sink --all"), /^0 sent, 1 sent before/);
  assert.match(await millrace("preview own-sink", 1), /convert +org\.apache\.kafka\.connect\.errors\.DataException/);

  await millrace("patch own-sink file=/dev/null");
  assert.match(await millrace("history own-sink"), /^2 +\S+ +file$/m);
  assert.match(await millrace("rollback own-sink"), /version 1 written again/);
  assert.equal(JSON.parse(await millrace("describe own-sink -o json")).config.file, sink.file);
  appendFileSync(input, '{"n":4}\n');
  assert.match(
    await millrace("logs own-sink --lines 50"),
    /^\d{4}-\d\d-\d\dT\S+ +ERROR \[task 0\] Topic .* doesn't exist/m,
  );
  assert.match(await millrace("top --once"), /own-source +source +RUNNING +1\/1/);

  assert.match(await millrace(`context add here ${url}`), /added/);
  assert.match(await millrace("context list"), /^\* +here +http/m);
  assert.match(await millrace("--context here get", 2), /there is no command/);
  assert.match(await millrace("get --context here"), /own-sink/);
  assert.match(
    await millrace("get --url http://127.0.0.1:1", 4),
    /nobody answers at http:\/\/127\.0\.0\.1:1 .*start it/,
  );
  for (const shell of ["bash", "zsh", "fish"])
    assert.match(await millrace(`completion ${shell}`), /millrace __complete/);
  assert.match(await millrace("delete own-source own-sink"), /own-source: deleted\nown-sink: deleted/);
}
