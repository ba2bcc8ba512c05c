// Runs configurations of test/e2e/samples: on servers of the tests, in a database and under topics of their own.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ConsumedRecord } from "@millrace/kafka";
import postgres from "postgres";
import type { RestClient } from "../../deploy/prove/rest-client.ts";
import { readCommitted } from "../../deploy/prove/topic-reader.ts";
import { until } from "../../deploy/prove/until.ts";
import { StandaloneFixture, sharedServer } from "./standalone-fixture.ts";

type Config = Record<string, string>;

export interface Letter {
  readonly value: string | null;
  readonly message: string | null;
  readonly connector: string | null;
}

const JSON_CONVERTER = "org.apache.kafka.connect.json.JsonConverter";

export const textOf = (bytes: Uint8Array | null | undefined): string | null =>
  bytes ? Buffer.from(bytes).toString() : null;

/** A sample's `config`, or the sample itself where it has none. */
export function sample<T = Config>(name: string): T {
  const text = readFileSync(join(import.meta.dirname, "samples", `${name}.json`), "utf8");
  const read = JSON.parse(text) as { config?: T };
  return read.config ?? (read as T);
}

export class SampleFixture {
  readonly fixture: StandaloneFixture;
  readonly kafka = sharedServer("KAFKA_BOOTSTRAP_SERVERS");
  readonly elasticsearch = sharedServer("ELASTICSEARCH_URL");
  readonly database = new URL(sharedServer("DATABASE_URL"));
  /** Topics and indices of this run begin with it. */
  readonly run: string;
  sql!: postgres.Sql;
  rest!: RestClient;
  #admin = postgres(this.database.href, { max: 1, onnotice: () => {} });

  constructor(name: string) {
    this.fixture = new StandaloneFixture(name);
    this.run = this.fixture.run;
  }

  /** With a worker's default converters, unless `worker` says otherwise, and a database made by `tables`. */
  async start(tables: string, worker: Config = {}): Promise<void> {
    await this.#admin.unsafe(`create database ${this.run}`);
    const { hostname: host, port, username: user } = this.database;
    this.sql = postgres({ host, port: Number(port || 5432), user, database: this.run, max: 2, onnotice: () => {} });
    await this.sql.unsafe(tables);
    const { rest } = await this.fixture.start({
      properties: {
        "bootstrap.servers": this.kafka,
        "key.converter": JSON_CONVERTER,
        "value.converter": JSON_CONVERTER,
        "offset.flush.interval.ms": "200",
        "offset.storage.topic": `${this.run}-offsets`,
        "offset.storage.replication.factor": "1",
        "millrace.secrets.dir": join(this.fixture.dir, "secrets"),
        ...worker,
      },
    });
    this.rest = rest;
    for (const [path, text] of Object.entries({
      "postgres/username": user,
      "postgres/password": "",
      "elastic/username": "u",
    })) {
      this.fixture.write(`secrets/${path}`, text);
    }
    this.fixture.write("secrets/elastic/password", "p");
  }

  /** Starts a connector and waits until its tasks run. */
  async runs(name: string, config: Config, tasks = Number(config["tasks.max"])): Promise<void> {
    const answer = await this.rest.insist("PUT", `/connectors/${name}/config`, config);
    if (answer.status > 201) throw new Error(`${name} is refused: ${answer.text}`);
    await until(`${name} runs`, () => this.rest.isIn("RUNNING", name, tasks));
  }

  jdbcUrl(database = this.run): string {
    return `jdbc:postgresql://${this.database.hostname}:${this.database.port || 5432}/${database}`;
  }

  /** Documents of an index by their ids; none while there is no index to search. */
  async documents(index: string): Promise<Record<string, Record<string, unknown>>> {
    await fetch(`${this.elasticsearch}/${index}/_refresh`, { method: "POST" });
    const answer = await fetch(`${this.elasticsearch}/${index}/_search?size=1000`);
    if (!answer.ok) return {};
    const { hits } = (await answer.json()) as { hits: { hits: { _id: string; _source: Record<string, unknown> }[] } };
    return Object.fromEntries(hits.hits.map(({ _id, _source }) => [_id, _source]));
  }

  async records(topic: string): Promise<ConsumedRecord[]> {
    const read: ConsumedRecord[] = [];
    await readCommitted(this.kafka, [topic], (record) => read.push(record));
    return read;
  }

  async letters(topic: string): Promise<Letter[]> {
    return (await this.records(topic)).map(({ value, headers }) => {
      const header = (name: string) => textOf(headers.find(({ key }) => key === `__connect.errors.${name}`)?.value);
      return { value: textOf(value), message: header("exception.message"), connector: header("connector.name") };
    });
  }

  async close(): Promise<void> {
    await this.fixture.close();
    await this.sql?.end({ timeout: 1 });
    await this.#admin.unsafe(`drop database if exists ${this.run} with (force)`);
    await this.#admin.end();
    await this.removeIndices(`${this.run}*`);
  }

  /** By pattern: Elasticsearch itself deletes only what is named. */
  async removeIndices(pattern: string): Promise<void> {
    const answer = await fetch(`${this.elasticsearch}/_cat/indices/${pattern}?h=index`);
    for (const index of (await answer.text()).split("\n").filter(Boolean)) {
      await fetch(`${this.elasticsearch}/${index}`, { method: "DELETE" });
    }
  }
}
