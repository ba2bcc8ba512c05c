import assert from "node:assert/strict";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { readCommitted } from "../../deploy/prove/topic-reader.ts";
import { until } from "../../deploy/prove/until.ts";
import { propertiesText, runMillrace, StandaloneFixture, sharedServer } from "./standalone-fixture.ts";

const bootstrapServers = sharedServer("KAFKA_BOOTSTRAP_SERVERS");
const STRINGS = {
  "key.converter": "org.apache.kafka.connect.storage.StringConverter",
  "value.converter": "org.apache.kafka.connect.storage.StringConverter",
};
const fileSource = (file: string, topic: string) => ({
  "connector.class": "FileStreamSource",
  "tasks.max": "1",
  file,
  topic,
  ...STRINGS,
});

async function values(topic: string): Promise<string[]> {
  const read: string[] = [];
  await readCommitted(bootstrapServers, [topic], ({ value }) => read.push(Buffer.from(value ?? []).toString()));
  return read;
}

describe("standalone with connector files", () => {
  const fixture = new StandaloneFixture("files");
  after(() => fixture.close());

  test("a file goes to Kafka and from there to another file, line by line, over a restart of the process", async () => {
    const input = fixture.write("in.txt", "");
    const output = join(fixture.dir, "out.txt");
    const topic = `${fixture.run}-lines`;
    const line = (n: number) => `line ${n} äöü ${"x".repeat(n % 90)}`;
    const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `${line(from + i)}\n`);
    const source = { name: `${fixture.run}-source`, ...fileSource(input, topic) };
    const sink = {
      name: `${fixture.run}-sink`,
      config: { "connector.class": "FileStreamSink", topics: topic, file: output },
    };
    const options = {
      properties: {
        "bootstrap.servers": bootstrapServers,
        ...STRINGS,
        "offset.storage.file.filename": join(fixture.dir, "connect.offsets"),
        "offset.flush.interval.ms": "200",
        "offset.storage.topic": `${fixture.run}-offsets`,
        "offset.storage.replication.factor": "1",
      },
      connectorFiles: [
        fixture.write("source.properties", propertiesText(source)),
        fixture.write("sink.json", JSON.stringify(sink)),
      ],
    };
    const outputIs = (expected: string) => () => {
      try {
        return readFileSync(output, "utf8") === expected;
      } catch {
        return false;
      }
    };
    const { service, rest } = await fixture.start(options);
    await until("both run", async () => {
      return (await rest.isIn("RUNNING", source.name, 1)) && (await rest.isIn("RUNNING", sink.name, 1));
    });
    appendFileSync(input, lines(1, 5_000).join(""));
    await until("5,000 lines arrive", outputIs(lines(1, 5_000).join("")));
    await service.stop();
    appendFileSync(input, lines(5_001, 10_000).join(""));
    await fixture.start(options);
    await until("10,000 lines arrive", outputIs(lines(1, 10_000).join("")));
  });
});

describe("standalone's worker settings", () => {
  const fixture = new StandaloneFixture("settings");
  after(() => fixture.close());

  /** Whether records flow with the settings as they are. */
  async function carries(started: Awaited<ReturnType<StandaloneFixture["start"]>>, name: string): Promise<void> {
    const topic = `${fixture.run}-${name}`;
    const file = fixture.write(`${name}.txt`, "one\ntwo\n");
    await started.rest.insist("PUT", `/connectors/${name}/config`, fileSource(file, topic));
    await until(`${name} runs`, () => started.rest.isIn("RUNNING", name, 1));
    await until("both lines arrive", async () => (await values(topic)).length === 2);
    assert.deepEqual(await values(topic), ["one", "two"]);
    await started.service.stop();
  }

  test("a worker.properties of connect-distributed works as it is", async () => {
    const properties = {
      "bootstrap.servers": bootstrapServers,
      "group.id": fixture.run,
      ...STRINGS,
      "config.storage.topic": `${fixture.run}-configs`,
      "config.storage.replication.factor": "1",
      "offset.storage.topic": `${fixture.run}-distributed-offsets`,
      "offset.storage.replication.factor": "1",
      "offset.storage.partitions": "5",
      "status.storage.topic": `${fixture.run}-status`,
      "status.storage.replication.factor": "1",
      "offset.flush.interval.ms": "10000",
      "plugin.path": "",
    };
    await carries(await fixture.start({ properties }), "distributed");
  });

  test("CONNECT_ variables alone are enough, and win over a worker.properties", async () => {
    const env = {
      CONNECT_BOOTSTRAP_SERVERS: bootstrapServers,
      CONNECT_OFFSET_STORAGE_TOPIC: `${fixture.run}-env-offsets`,
      CONNECT_OFFSET_STORAGE_REPLICATION_FACTOR: "1",
    };
    await carries(await fixture.start({ env }), "environment");
    const properties = { "bootstrap.servers": "127.0.0.1:1", ...STRINGS };
    await carries(await fixture.start({ env, properties }), "both");
  });

  test("a data folder that is in use is refused, naming the process that has it", async () => {
    const first = await fixture.start({ env: { CONNECT_BOOTSTRAP_SERVERS: bootstrapServers } });
    const { code, output } = await runMillrace([
      "standalone",
      ...["--set", `millrace.data.dir=${join(fixture.dir, "data")}`, "--set", "listeners=http://127.0.0.1:0"],
    ]);
    assert.equal(code, 2);
    assert.match(output, new RegExp(`in use by the worker with process id ${first.service.pid}`));
    await first.service.stop();
  });
});

describe("millrace told something wrong", () => {
  const fixture = new StandaloneFixture("wrong");
  after(() => fixture.close());
  const dataDir = ["--set", `millrace.data.dir=${join(fixture.dir, "data")}`];

  const cases: readonly (readonly [what: string, args: () => string[], message: RegExp])[] = [
    ["a command that does not exist", () => ["standalon"], /there is no command 'standalon'[\s\S]*millrace standalone/],
    ["an option that does not exist", () => ["standalone", "--sett", "a=b"], /there is no option --sett; use --set/],
    ["--set without a value", () => ["standalone", "--set", "a"], /give key=value/],
    [
      "a worker.properties that is not there",
      () => ["standalone", "/nowhere.properties"],
      /nowhere\.properties.*ENOENT/,
    ],
    [
      "settings that are missing or wrong, all at once",
      () => ["standalone", fixture.write("bad.properties", "listeners=ftp://x:1\noffset.flush.interval.ms=soon\n")],
      /bootstrap\.servers[\s\S]*soon[\s\S]*offset\.flush\.interval\.ms/,
    ],
    [
      "a connector file that is no JSON, without quoting it",
      () => ["standalone", good(), fixture.write("bad.json", '{"password": "hunter2" oops'), ...dataDir],
      /bad\.json cannot be used: it is not valid JSON/,
    ],
    [
      "a connector file without a name",
      () => [
        "standalone",
        good(),
        fixture.write("nameless.properties", "connector.class=FileStreamSource\n"),
        ...dataDir,
      ],
      /nameless\.properties cannot be used: Missing required configuration \\*"name/,
    ],
    [
      "a connector file whose connector is not valid",
      () => [
        "standalone",
        good(),
        fixture.write("no-topic.properties", "name=x\nconnector.class=FileStreamSource\n"),
        ...dataDir,
      ],
      /topic/,
    ],
    [
      "a distributed service without its settings",
      () => ["scheduler", "--set", "group.id=x"],
      /The scheduler needs Postgres: set millrace\.database\.url or DATABASE_URL/,
    ],
  ];
  const good = () =>
    fixture.write(
      "good.properties",
      propertiesText({ "bootstrap.servers": bootstrapServers, ...STRINGS, listeners: "http://127.0.0.1:0" }),
    );

  for (const [what, args, message] of cases) {
    test(`${what} ends with exit code 2 and a message`, async () => {
      const { code, output } = await runMillrace(args(), { DATABASE_URL: "" });
      assert.match(output, message);
      assert.doesNotMatch(output, /hunter2/);
      assert.equal(code, 2, output);
    });
  }
});
