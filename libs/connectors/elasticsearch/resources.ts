import { DataError, type Schema } from "@millrace/connect";
import type { ResourceSettings } from "./config/settings.ts";
import { mappingOf } from "./documents/mapping.ts";
import { resourceName } from "./documents/resource-name.ts";
import type { HttpAnswer, HttpRequest } from "./http/http-client.ts";
import { type RetryDeps, refusal, withRetries } from "./http/retry.ts";

export interface ResourceDeps {
  readonly request: (request: HttpRequest) => Promise<HttpAnswer>;
  readonly settings: ResourceSettings;
  readonly dataStream: boolean;
  readonly retry: RetryDeps;
}

/** Indices and data streams, made when first met, with mappings from schemas. What was found is asked for once. */
export class Resources {
  readonly #deps: ResourceDeps;
  readonly #names = new Map<string, string>();
  readonly #existing = new Set<string>();
  readonly #mapped = new Set<string>();

  constructor(deps: ResourceDeps) {
    this.#deps = deps;
  }

  /** Of a topic's records.. */
  nameOf(topic: string): string {
    let name = this.#names.get(topic);
    if (name === undefined) {
      name = resourceName(topic, this.#deps.settings);
      this.#names.set(topic, name);
    }
    return name;
  }

  /** Whether `prepare` has nothing to do: most of the time. */
  isReady(name: string, needsMapping: boolean): boolean {
    return this.#existing.has(name) && (!needsMapping || this.#mapped.has(name));
  }

  /**
   * @param schema of the record at hand; undefined when no mapping is wanted.
   * @throws DataError when Elasticsearch refuses a mapping of it; ConnectError when it cannot be asked.
   */
  async prepare(name: string, schema: Schema | null | undefined): Promise<void> {
    if (!this.#existing.has(name)) {
      if (this.#deps.settings.usage === "disabled") await this.#ensureExists(name);
      this.#existing.add(name);
    }
    if (schema === undefined || this.#mapped.has(name)) return;
    if (!(await this.#hasMapping(name))) await this.#createMapping(name, mappingOf(schema));
    this.#mapped.add(name);
  }

  async #ensureExists(name: string): Promise<void> {
    const { dataStream } = this.#deps;
    const there = await this.#ask(`check if index ${name} exists`, { method: "HEAD", path: pathOf(name) }, [404]);
    if (there.status !== 404) return;
    const [what, path] = dataStream ? ["data stream", `/_data_stream${pathOf(name)}`] : ["index", pathOf(name)];
    // Two tasks may meet a topic at the same time.
    const created = await this.#ask(`create ${what} ${name}`, { method: "PUT", path }, [400]);
    if (created.status === 400 && !created.body.includes("resource_already_exists_exception")) throw refusal(created);
  }

  async #hasMapping(name: string): Promise<boolean> {
    const path = `${pathOf(name)}/_mapping`;
    const { body } = await this.#ask(`get mapping for index ${name}`, { method: "GET", path });
    // By the name of the index itself where this is an alias or a data stream.
    const found = JSON.parse(body) as Record<string, { mappings?: { properties?: object } }>;
    return Object.values(found).some(({ mappings }) => Object.keys(mappings?.properties ?? {}).length > 0);
  }

  async #createMapping(name: string, mapping: string): Promise<void> {
    const body = { text: mapping, type: "application/json" } as const;
    const path = `${pathOf(name)}/_mapping`;
    const answer = await this.#ask(`create mapping for resource ${name}`, { method: "PUT", path, body }, [400]);
    if (answer.status === 400) {
      throw new DataError(`Cannot make a mapping for ${name} from the schema`, { cause: refusal(answer) });
    }
  }

  async #ask(what: string, request: HttpRequest, expected: readonly number[] = []): Promise<HttpAnswer> {
    const { retry } = this.#deps;
    return withRetries(
      what,
      async () => {
        const answer = await this.#deps.request({ ...request, signal: retry.signal });
        if (answer.status >= 300 && !expected.includes(answer.status)) throw refusal(answer);
        return answer;
      },
      retry,
    );
  }
}

/** A resource of the user's own, for validation. @throws ConnectError when it cannot be asked. */
export async function resourceExists(
  request: (request: HttpRequest) => Promise<HttpAnswer>,
  usage: ResourceSettings["usage"],
  name: string,
): Promise<boolean> {
  const path = usage.startsWith("alias")
    ? `/_alias${pathOf(name)}`
    : usage === "datastream"
      ? `/_data_stream${pathOf(name)}`
      : pathOf(name);
  const answer = await request({ method: usage === "datastream" ? "GET" : "HEAD", path });
  if (answer.status === 404) return false;
  if (answer.status >= 300) throw refusal(answer);
  return true;
}

const pathOf = (name: string): string => `/${encodeURIComponent(name)}`;
