import { type Bus, MemoryHub } from "@millrace/bus";
import {
  type ConnectorRecord,
  type ConnectorStatus,
  configChanges,
  connectorDelete,
  connectorGet,
  connectorPut,
  connectorRestart,
  connectorSettle,
  connectorTargetState,
  kafkaClusterId,
  offsetsAlter,
  offsetsGet,
  type PluginInfo,
  ProtocolError,
  pluginConfig,
  pluginList,
  pluginValidate,
  type SubmittedConfig,
  statusGet,
  statusList,
  taskRestart,
  topicsGet,
  topicsReset,
} from "@millrace/protocol";
import { LogLevels } from "@millrace/service/log-levels";
import { VirtualClock } from "@millrace/time";
import { createGateway, type Gateway, type GatewayOptions } from "./app.ts";

export const fileSource = "org.apache.kafka.connect.file.FileStreamSourceConnector";
export const fileSink = "org.apache.kafka.connect.file.FileStreamSinkConnector";

/** For tests: a gateway, and services that answer from plain maps. Deleting a map entry or closing a service is the script. */
export class ScriptedCluster {
  readonly clock = new VirtualClock();
  readonly hub = new MemoryHub({ clock: this.clock });
  readonly records = new Map<string, ConnectorRecord>();
  readonly statuses = new Map<string, ConnectorStatus>();
  /** By connector. */
  readonly topics = new Map<string, string[]>();
  /** What the connector says of offsets that are changed. */
  altersOffsets = true;
  /** What was asked, as `subject {json}`. */
  readonly asked: string[] = [];
  readonly logged: string[] = [];
  readonly levels = new LogLevels("info");
  plugins: PluginInfo[] = [
    { class: fileSink, type: "sink", version: "4.3.1" },
    { class: fileSource, type: "source", version: "4.3.1" },
    { class: "org.apache.kafka.connect.transforms.Cast$Value", type: "transformation", version: null },
  ];
  /** Thrown by the config service at the next put. */
  putFailure: Error | null = null;
  readonly config: Bus = this.hub.connect("config");
  readonly scheduler: Bus = this.hub.connect("scheduler");
  readonly runner: Bus = this.hub.connect("runner");

  gateway(options: GatewayOptions = {}): Gateway {
    const logger = { debug() {}, error: (message: string) => this.logged.push(message) };
    return createGateway({
      bus: this.hub.connect("gateway"),
      options,
      logger,
      levels: this.levels,
      clock: this.clock,
    });
  }

  static async start(): Promise<ScriptedCluster> {
    const cluster = new ScriptedCluster();
    await cluster.#respondAsConfig();
    await cluster.#respondAsScheduler();
    await cluster.#respondAsRunner();
    return cluster;
  }

  /** As if created, observed and given tasks. */
  add(name: string, config: Readonly<Record<string, string>>, tasks = 1): void {
    const configs = Array.from({ length: tasks }, () => ({ ...config, "task.class": "Task", name }));
    this.records.set(name, record(name, { ...config, name }, configs));
    const version = "4.3.1";
    this.statuses.set(name, {
      name,
      connector: { state: "RUNNING", workerId: "w:8083", version, trace: null },
      tasks: configs.map((_, id) => ({ id, state: "RUNNING", workerId: "w:8083", version, trace: null })),
    });
  }

  async #respondAsConfig(): Promise<void> {
    const find = (name: string) => {
      const found = this.records.get(name);
      if (found === undefined) throw new ProtocolError("NOT_FOUND", "no such row");
      return { connector: found };
    };
    await this.config.respond(connectorGet, ({ name }) => find(name));
    await this.config.respond(connectorDelete, ({ name }) => {
      find(name);
      this.records.delete(name);
      return { revision: 2 };
    });
    await this.config.respond(connectorTargetState, (message) => {
      this.#note("target-state", message);
      return find(message.name);
    });
    await this.config.respond(connectorPut, (message) => {
      this.#note("put", message);
      return this.#put(message.name, message.config, message.createOnly);
    });
    // One connector a page: the gateway must read on.
    await this.config.respond(configChanges, ({ sinceRevision }) => {
      const all = [...this.records.values()];
      const revision = sinceRevision + 1;
      return { connectors: all.slice(sinceRevision, revision), deleted: [], revision, more: revision < all.length };
    });
  }

  #put(name: string, config: SubmittedConfig, createOnly: boolean) {
    if (this.putFailure !== null) throw this.putFailure;
    const before = this.records.get(name);
    if (createOnly && before !== undefined) {
      throw new ProtocolError("ALREADY_EXISTS", `Connector ${name} already exists`);
    }
    const connector = record(name, config as Record<string, string>, before?.tasks.configs ?? []);
    this.records.set(name, connector);
    return { created: before === undefined, connector };
  }

  async #respondAsScheduler(): Promise<void> {
    const find = (name: string, message: string) => {
      const status = this.statuses.get(name);
      if (status === undefined) throw new ProtocolError("NOT_FOUND", message);
      return { status };
    };
    await this.scheduler.respond(statusGet, ({ name }) => find(name, "no such row"));
    await this.scheduler.respond(statusList, ({ after }) => {
      const names = [...this.statuses.keys()].sort().filter((name) => after === null || name > after);
      return { statuses: names.slice(0, 1).map((name) => this.statuses.get(name)!), more: names.length > 1 };
    });
    await this.scheduler.respond(connectorSettle, (message) => {
      this.#note("settle", message);
      return {};
    });
    await this.scheduler.respond(topicsGet, ({ connector }) => ({ topics: this.topics.get(connector) ?? [] }));
    await this.scheduler.respond(topicsReset, ({ connector }) => {
      this.topics.delete(connector);
      return {};
    });
    await this.scheduler.respond(connectorRestart, (message) => {
      this.#note("restart", message);
      const { status } = find(message.name, `Unknown connector: ${message.name}`);
      return { status: { ...status, connector: { ...status.connector, state: "RESTARTING" as const } } };
    });
    await this.scheduler.respond(taskRestart, ({ name, task }) => {
      const { status } = find(name, `Unknown connector: ${name}`);
      if (!status.tasks.some(({ id }) => id === task)) {
        throw new ProtocolError("NOT_FOUND", `Unknown task: ${name}-${task}`);
      }
      return {};
    });
  }

  async #respondAsRunner(): Promise<void> {
    await this.runner.respond(pluginList, () => {
      this.#note("plugin.list", {});
      return { plugins: this.plugins };
    });
    await this.runner.respond(kafkaClusterId, () => {
      this.#note("cluster-id", {});
      return { clusterId: "mU3vXcX8S9i" };
    });
    await this.runner.respond(offsetsGet, () => ({
      offsets: [{ partition: { filename: "in.txt" }, offset: { position: 6 } }],
    }));
    await this.runner.respond(offsetsAlter, ({ connector, offsets }) => {
      this.#note("alter", { connector, offsets });
      return { altered: this.altersOffsets };
    });
    await this.runner.respond(pluginConfig, ({ plugin, version }) => {
      if (version !== null) throw new ProtocolError("INVALID", `Invalid version specification: ${version}`);
      throw new ProtocolError("NOT_FOUND", `Unknown plugin ${plugin}.`);
    });
    await this.runner.respond(pluginValidate, ({ config }) => {
      const name = config["connector.class"] ?? null;
      if (name === null) throw new ProtocolError("INVALID", "Connector config contains no connector type");
      return {
        infos: { name, error_count: 0, groups: ["Common"], configs: [] },
        type: "source" as const,
        passwords: [],
      };
    });
  }

  #note(what: string, message: unknown): void {
    this.asked.push(`${what} ${JSON.stringify(message)}`);
  }
}

function record(
  name: string,
  config: Record<string, string>,
  taskConfigs: readonly Record<string, string>[],
): ConnectorRecord {
  return {
    name,
    config,
    passwords: [],
    version: 1,
    targetState: "STARTED",
    tasks: { version: 1, configVersion: 1, configs: [...taskConfigs] },
    revision: 1,
  };
}

export interface Answer {
  readonly status: number;
  readonly contentType: string | null;
  readonly headers: Headers;
  /** Parsed; "" when there was none; text when it is not JSON. */
  readonly body: unknown;
}

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  /** An object goes as JSON, with its content type; a string as it is, without one. */
  readonly body?: unknown;
}

/** One request, as `GET /connectors`. */
export async function send(gateway: Gateway, line: string, { headers = {}, body }: Sent = {}): Promise<Answer> {
  const [method = "GET", path = "/"] = line.split(" ");
  const isText = typeof body === "string";
  const response = await gateway.fetch(
    new Request(`http://connect:8083${path}`, {
      method,
      headers: body === undefined || isText ? headers : { "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: new TextEncoder().encode(isText ? body : JSON.stringify(body)) }),
    }),
  );
  const text = await response.text();
  const looksJson = text.startsWith("{") || text.startsWith("[");
  return {
    status: response.status,
    contentType: response.headers.get("content-type"),
    headers: response.headers,
    body: looksJson ? JSON.parse(text) : text,
  };
}
