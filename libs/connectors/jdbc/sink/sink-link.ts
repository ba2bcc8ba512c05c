import { isConnectError, isRetriable, type PluginContext } from "@millrace/connect";
import { type JdbcConnection, openConnection } from "../connection/connection.ts";
import type { JdbcSinkSettings } from "./sink-settings.ts";

/** The sink's connection: opened when it is first needed, after as many attempts as configured, and anew after a failure. */
export class SinkLink {
  readonly #settings: JdbcSinkSettings;
  readonly #context: PluginContext;
  readonly #signal: AbortSignal;
  #open: JdbcConnection | null = null;

  constructor(settings: JdbcSinkSettings, context: PluginContext, signal: AbortSignal) {
    this.#settings = settings;
    this.#context = context;
    this.#signal = signal;
  }

  /** Null: it isn't open. */
  get current(): JdbcConnection | null {
    return this.#open;
  }

  async connection(): Promise<JdbcConnection> {
    this.#open ??= await this.#connect();
    return this.#open;
  }

  /** After a failure: nobody knows what state the connection is in. */
  async drop(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.close();
  }

  async #connect(): Promise<JdbcConnection> {
    const { url, user, password, properties, connectAttempts, connectBackoffMs } = this.#settings;
    const { sleep, logger } = this.#context;
    const applicationName = "millrace-jdbc-sink";
    for (let attempt = 1; ; attempt++) {
      try {
        return await openConnection({ url, user, password, properties, applicationName, sleep, signal: this.#signal });
      } catch (error) {
        const isLast = attempt >= connectAttempts || (isConnectError(error) && !isRetriable(error));
        if (isLast || this.#signal.aborted) throw error;
        logger.warn("Cannot connect to the database.", { attempt, attempts: connectAttempts, error });
        await sleep(connectBackoffMs, this.#signal);
      }
    }
  }
}
