import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../../deploy/prove/until.ts";
import { SampleFixture, sample } from "./sample-fixture.ts";

/** How soon a change of a row must be a document. */
const VISIBLE_MS_MAX = 5000;

const pipelines = new SampleFixture("cdc_samples");
const { run } = pipelines;
const index = `cdc_${run}.public.tasks`;

/** As the manifest has it; the secrets of Kubernetes are files of this run. */
function source(name: string): Record<string, string> {
  const config: Record<string, string> = {
    ...sample("postgres-tasks-source"),
    "database.hostname": pipelines.database.hostname,
    "database.port": pipelines.database.port || "5432",
    "database.dbname": run,
    "topic.prefix": name,
    "slot.name": name,
    "publication.name": name,
  };
  for (const key of ["database.user", "database.password"]) {
    config[key] = config[key]!.replace("/opt/kafka/external-secrets", `${pipelines.fixture.dir}/files`);
  }
  return config;
}

const sink = (topics: string) => ({
  ...sample("elasticsearch-tasks-sink"),
  "connection.url": pipelines.elasticsearch,
  topics,
});

before(async () => {
  await pipelines.start(
    "create table tasks (id bigserial primary key, title text not null, done boolean not null default false)",
    {
      "key.converter": "org.apache.kafka.connect.storage.StringConverter",
      "value.converter": "org.apache.kafka.connect.json.JsonConverter",
      "value.converter.schemas.enable": "false",
      "config.providers": "file",
      "config.providers.file.class": "org.apache.kafka.common.config.provider.FileConfigProvider",
    },
  );
  pipelines.fixture.write("files/postgres", `username=${pipelines.database.username}\npassword=\n`);
});
after(async () => {
  for (const name of [`${run}-source`, `${run}-flat-source`])
    await pipelines.rest?.ask("DELETE", `/connectors/${name}`);
  await until("the slots are free", async () => {
    const slots =
      await pipelines.sql`select slot_name from pg_replication_slots where database = ${run} and not active`;
    for (const { slot_name: slot } of slots) await pipelines.sql`select pg_drop_replication_slot(${slot})`;
    return (await pipelines.sql`select from pg_replication_slots where database = ${run}`).length === 0;
  });
  await pipelines.close();
  await pipelines.removeIndices(`cdc_${run}*,flat_${run}*`);
});

test("change data capture to Elasticsearch as the manifest has it: events under their keys, a newer over an older", async () => {
  await pipelines.sql`insert into tasks (title) values ('read'), ('write')`;
  await pipelines.runs(`${run}-source`, source(`cdc_${run}`));
  await pipelines.runs(`${run}-sink`, sink(index));
  const titles = async () => {
    const found = Object.entries(await pipelines.documents(index));
    return Object.fromEntries(
      found.map(([id, { op, after }]) => [id, [op, (after as { title?: string } | null)?.title]]),
    );
  };
  await until("the snapshot is there", async () => Object.keys(await titles()).length === 2);
  assert.deepEqual(await titles(), { "Struct{id=1}": ["r", "read"], "Struct{id=2}": ["r", "write"] });
  await pipelines.sql`update tasks set title = 'rest' where id = 2`;
  await pipelines.sql`insert into tasks (title) values ('sleep')`;
  await until("both changes are there", async () => (await titles())["Struct{id=3}"] !== undefined, VISIBLE_MS_MAX);
  assert.deepEqual(await titles(), {
    "Struct{id=1}": ["r", "read"],
    "Struct{id=2}": ["u", "rest"],
    "Struct{id=3}": ["c", "sleep"],
  });
});

test("change data capture to Elasticsearch as rows: insert, update and delete reach the index at once", async () => {
  const flat = `flat_${run}.public.tasks`;
  await pipelines.runs(`${run}-flat-source`, {
    ...source(`flat_${run}`),
    transforms: "unwrap,key",
    "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
    "transforms.key.type": "org.apache.kafka.connect.transforms.ExtractField$Key",
    "transforms.key.field": "id",
  });
  await pipelines.runs(`${run}-flat-sink`, { ...sink(flat), "behavior.on.null.values": "delete" });
  const documents = () => pipelines.documents(flat);
  await until("the rows there are", async () => Object.keys(await documents()).length === 3);
  const took: Record<string, number> = {};
  const timed = async (what: string, holds: () => Promise<boolean>) => {
    took[what] = Math.max(took[what] ?? 0, Math.round(await until(what, holds, VISIBLE_MS_MAX)));
  };
  for (let round = 0; round < 5; round++) {
    const title = `title ${round}`;
    const [{ id }] = (await pipelines.sql`insert into tasks (title) values (${title}) returning id`) as unknown as [
      { id: string },
    ];
    await timed("insert", async () => (await documents())[id]?.title === title);
    await pipelines.sql`update tasks set done = true where id = ${id}`;
    await timed("update", async () => (await documents())[id]?.done === true);
    await pipelines.sql`delete from tasks where id = ${id}`;
    await timed("delete", async () => (await documents())[id] === undefined);
  }
  console.log(`slowest of 5, in ms: ${JSON.stringify(took)}`);
  assert.deepEqual(await documents(), {
    1: { id: 1, title: "read", done: false },
    2: { id: 2, title: "rest", done: false },
    3: { id: 3, title: "sleep", done: false },
  });
});
