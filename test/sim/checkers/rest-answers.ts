import { PASSWORD_MASK, type SubmittedConfig, type TargetState } from "@millrace/protocol";
import type { StoredConnector } from "../../../services/config/store.ts";
import { SINK_CLASS, SOURCE_CLASS } from "../plugins.ts";
import type { RestAnswer, RestRequest } from "../simulated-listener.ts";
import type { Verdict } from "../verdict.ts";
import { type ConfigWrites, isSame } from "./config-writes.ts";
import { PLAIN_PASSWORD_KEY, type SecretsCheck } from "./secrets.ts";
import type { SourceLog } from "./source-log.ts";

const CHECKER = "rest-answers";

/** What a user may be told while there is trouble, or because of what was asked for before. */
const REFUSALS = new Set([404, 409, 503]);
const TYPES: Readonly<Record<string, string>> = { [SOURCE_CLASS]: "source", [SINK_CLASS]: "sink" };
const TARGETS: Readonly<Record<string, TargetState>> = { pause: "PAUSED", resume: "STARTED", stop: "STOPPED" };

export interface Answered {
  /** Process of the gateway. */
  readonly gateway: string;
  readonly request: RestRequest;
  /** The mark when the request came. */
  readonly since: number;
  readonly answer: RestAnswer;
}

export interface RestAnswersDeps {
  readonly verdict: Verdict;
  readonly writes: ConfigWrites;
  readonly secrets: SecretsCheck;
  readonly sourceLog: SourceLog;
}

/** What a connector's offsets look like. */
export interface ShownOffsets {
  readonly offsets: readonly { readonly partition: { readonly p?: string }; readonly offset: { readonly n: number } }[];
}

/** What a connector looks like in an answer. */
interface ShownConnector {
  readonly name: string;
  readonly config: SubmittedConfig;
  readonly type: string;
}

/**
 * What gateways answer is true: a write that is answered with success is stored (I10), what is read was so at some moment
 * since it was asked for, and nothing holds a secret (I9).
 */
export class RestAnswers {
  readonly #deps: RestAnswersDeps;

  constructor(deps: RestAnswersDeps) {
    this.#deps = deps;
  }

  get mark(): number {
    return this.#deps.writes.mark;
  }

  check({ gateway, request, since, answer }: Answered): void {
    const what = `${gateway} to ${request.method} ${request.path}`;
    this.#deps.secrets.answered(`${answer.headers}\n${answer.text}`, `the answer of ${what}`);
    if (answer.status >= 300) this.#checkRefusal(what, request, since, answer);
    else if (request.method === "GET") this.#checkRead(what, request, since, answer);
    else this.#checkWrite(what, request, since, answer);
  }

  #checkRefusal(what: string, { method, path, body }: RestRequest, since: number, { status, text }: RestAnswer): void {
    if (path === "/health") return;
    const { error_code: code, message } = JSON.parse(text) as { error_code: number; message: string };
    if (code !== status) this.#fail(`${what}: status ${status}, error_code ${code}`);
    const isLate = status === 500 && message.startsWith("Request timed out");
    // A mask stands for a stored password: of a connector that has been deleted meanwhile there is none.
    const isMaskOfNothing = status === 400 && JSON.stringify(body ?? null).includes(PASSWORD_MASK);
    // As in Connect: 500 with the reason why Kafka could not be asked.
    const isKafka = status === 500 && path.endsWith("/offsets");
    if (!REFUSALS.has(status) && !isLate && !isMaskOfNothing && !isKafka) this.#fail(`${what}: ${status} ${message}`);
    const [, name] = /^\/connectors\/([^/?]+)$/.exec(path) ?? [];
    if (method !== "GET" || name === undefined || status !== 404) return;
    const seen = this.#deps.writes.seenSince(since, name);
    if (!seen.includes(null)) this.#fail(`${what}: 404, and it was there all the time`);
  }

  #checkRead(what: string, { path }: RestRequest, since: number, { text }: RestAnswer): void {
    if (path === "/connectors") {
      const names = JSON.parse(text) as string[];
      if (this.#deps.writes.hadNamesSince(since, names)) return;
      this.#fail(`${what}: [${names.join(", ")}], which were at no moment all there were`);
    }
    const [, name, offsets] = /^\/connectors\/([^/?]+)(\/offsets)?$/.exec(path) ?? [];
    if (name === undefined) return;
    if (offsets === undefined) this.#checkShown(what, since, JSON.parse(text) as ShownConnector);
    else this.#checkOffsets(what, name, JSON.parse(text) as ShownOffsets);
  }

  /** Of records that can be read (I1). They may lag: what a transaction committed is read when older ones have ended too. */
  #checkOffsets(what: string, name: string, { offsets }: ShownOffsets): void {
    for (const { partition, offset } of offsets) {
      // A sink's are of topics.
      if (partition.p === undefined) continue;
      const visible = this.#deps.sourceLog.visible(name, partition.p);
      if (offset.n > visible) this.#fail(`${what}: ${partition.p} at ${offset.n}, where ${visible} is visible`);
    }
  }

  #checkShown(what: string, since: number, { name, config, type }: ShownConnector): void {
    const seen = this.#deps.writes.seenSince(since, name);
    if (!seen.some((each) => each !== null && isSame(masked(each), config))) {
      this.#fail(`${what}: a config that ${name} did not have since then: ${JSON.stringify(config)}`);
    }
    const right = TYPES[config["connector.class"] ?? ""];
    if (type !== right && type !== "unknown") this.#fail(`${what}: ${name} is a ${right}, not a ${type}`);
  }

  #checkWrite(what: string, { method, path, body }: RestRequest, since: number, { text }: RestAnswer): void {
    const { writes } = this.#deps;
    const [, name = "", action = ""] = /^\/connectors\/([^/?]+)(?:\/([a-z]+))?/.exec(path) ?? [];
    const target = TARGETS[action];
    if (method === "POST" && path === "/connectors") {
      const created = body as { name: string; config: SubmittedConfig };
      writes.put(since, created.name, created.config);
    } else if (method === "PUT" && action === "config") {
      writes.put(since, name, body as SubmittedConfig);
    } else if (method === "PATCH" && action === "config") {
      writes.patched(since, name, body as SubmittedConfig);
    } else if (method === "PUT" && target !== undefined) {
      writes.retargeted(since, name, target);
    } else if (method === "DELETE" && action === "") {
      writes.deleted(since, name);
    }
    const showsConfig = action === "config" || path === "/connectors";
    if (showsConfig) this.#checkShown(what, since, JSON.parse(text) as ShownConnector);
  }

  #fail(message: string): void {
    this.#deps.verdict.fail(CHECKER, message);
  }
}

/** As gateways show it. */
function masked({ config }: StoredConnector): SubmittedConfig {
  return PLAIN_PASSWORD_KEY in config ? { ...config, [PLAIN_PASSWORD_KEY]: PASSWORD_MASK } : config;
}
