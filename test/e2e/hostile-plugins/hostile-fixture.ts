import type { ConnectorStatus, RestClient } from "../../../deploy/prove/rest-client.ts";
import { readCommitted } from "../../../deploy/prove/topic-reader.ts";
import { until } from "../../../deploy/prove/until.ts";
import { StandaloneFixture, sharedServer } from "../standalone-fixture.ts";
import { Ticks } from "./ticks.ts";

/** A standalone Millrace with hostile plugins, one shared host, and neighbours that tell of every interruption. */
export class HostileFixture extends StandaloneFixture {
  rest!: RestClient;
  readonly ticks = new Ticks(this.dir);
  #servers = sharedServer("KAFKA_BOOTSTRAP_SERVERS");

  async open(properties: Readonly<Record<string, string>>): Promise<void> {
    const { rest } = await this.start({
      properties: {
        "bootstrap.servers": this.#servers,
        "plugin.path": this.ticks.open(),
        "offset.storage.topic": `${this.run}-offsets`,
        "offset.storage.replication.factor": "1",
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter": "org.apache.kafka.connect.storage.StringConverter",
        "millrace.task.hosts": "1",
        ...properties,
      },
    });
    this.rest = rest;
  }

  async put(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    const answer = await this.rest.ask("PUT", `/connectors/${name}/config`, {
      topic: `${this.run}-records`,
      ...config,
    });
    if (answer.status !== 201) throw new Error(`${name}: ${answer.status} ${answer.text}`);
  }

  /** What sinks read: there before they ask for it, or they would learn of it minutes later. */
  async records(): Promise<void> {
    let records = 0;
    const read = () => readCommitted(this.#servers, [`${this.run}-records`], () => void records++).catch(() => {});
    await until("there are records", async () => {
      await read();
      return records > 0;
    });
  }

  /** A source that is polled a hundred times a second, in a shared host unless `isolation` says otherwise. */
  async neighbour(name: string, isolation = "shared"): Promise<void> {
    await this.put(name, {
      "connector.class": "hostile.Neighbour",
      "task.isolation": isolation,
      "ticks.file": this.ticks.file(name),
    });
    await until(`${name} is polled`, () => this.ticks.times(name).length > 20);
  }

  delete(name: string): Promise<unknown> {
    return this.rest.insist("DELETE", `/connectors/${name}`);
  }

  /** Waits until the connector's status is as wanted, and returns it. */
  async status(
    name: string,
    wanted: (status: ConnectorStatus) => boolean,
    timeoutMs = 30_000,
  ): Promise<ConnectorStatus> {
    let status: ConnectorStatus | null = null;
    const isWanted = async () => {
      status = await this.rest.status(name);
      return status !== null && wanted(status);
    };
    await until(`the status of ${name}`, isWanted, timeoutMs).catch((error) => {
      throw new Error(`${String(error)}: ${JSON.stringify(status)}`);
    });
    return status!;
  }

  override async close(): Promise<void> {
    this.ticks.close();
    await super.close();
  }
}
