import { setTimeout as sleep } from "node:timers/promises";
import type { RestClient } from "../../../deploy/prove/rest-client.ts";
import { until } from "../../../deploy/prove/until.ts";

const PAUSE_MS = 150;
const PAGE = 100;
const ACCEPTS_TIMEOUT_MS = 60_000;

interface HistoryPage {
  readonly versions: readonly { readonly version: number; readonly config: Record<string, string> }[];
  readonly more: boolean;
}

/** Writes one stopped connector's configuration over and over, each with another mark, and knows which were accepted (I10). */
export class ConfigWrites {
  readonly #rest: RestClient;
  readonly #name: string;
  readonly #stopping = new AbortController();
  #accepted = new Set<string>();
  #marks = 0;
  #paused = true;
  #loop: Promise<void> = Promise.resolve();

  constructor(rest: RestClient, name: string) {
    this.#rest = rest;
    this.#name = name;
  }

  async start(): Promise<void> {
    const config = { ...this.#config("first") };
    await this.#rest.insist("POST", "/connectors", { name: this.#name, config, initial_state: "STOPPED" });
    this.#loop = this.#write();
  }

  /** Begins a new count. */
  async resume(): Promise<void> {
    this.#accepted = new Set();
    this.#paused = false;
    await this.accepts();
  }

  /** Until one more is accepted. */
  async accepts(): Promise<void> {
    const before = this.#accepted.size;
    await until("a config write is accepted", () => this.#accepted.size > before, ACCEPTS_TIMEOUT_MS);
  }

  /** Pauses, and looks each accepted one up in the history. */
  async check(): Promise<{ readonly accepted: number; readonly forgotten: number }> {
    this.#paused = true;
    const accepted = [...this.#accepted];
    const marks = await this.#stored(accepted.length);
    return { accepted: accepted.length, forgotten: accepted.filter((mark) => !marks.has(mark)).length };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #write(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await sleep(PAUSE_MS);
      if (this.#paused) continue;
      const mark = String(++this.#marks);
      const path = `/connectors/${this.#name}/config`;
      const answer = await this.#rest.ask("PUT", path, this.#config(mark), signal).catch(() => null);
      if (answer !== null && answer.status < 300) this.#accepted.add(mark);
    }
  }

  /** Marks of the newest versions, at least as many as were accepted; one that was not accepted may be stored all the same. */
  async #stored(least: number): Promise<Set<string>> {
    const marks = new Set<string>();
    for (let before = "", more = true; more && marks.size <= least * 2 + PAGE; ) {
      const path = `/millrace/v1/connectors/${this.#name}/history?limit=${PAGE}${before}`;
      const page = (await this.#rest.insist("GET", path)).body as HistoryPage;
      for (const { config } of page.versions) marks.add(config.mark ?? "");
      before = `&before=${page.versions.at(-1)?.version ?? 1}`;
      more = page.more;
    }
    return marks;
  }

  #config(mark: string): Record<string, string> {
    return {
      "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
      "tasks.max": "1",
      file: "/dev/null",
      topic: "nothing",
      mark,
    };
  }
}
