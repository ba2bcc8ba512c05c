import type { TargetState } from "@millrace/protocol";
import type { SeededRandom } from "../../deploy/prove/seeded-random.ts";
import { type Config, ConnectorConfigs } from "./connector-configs.ts";
import type { Machine } from "./machine.ts";
import { SOURCE_CLASS } from "./plugins.ts";
import { RestClient } from "./rest-client.ts";
import type { RestAnswer, RestRequest } from "./simulated-listener.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { World } from "./world.ts";

const PATIENCE_MS = 6_000;
/** Now and then somebody closes the connection before there is an answer. */
const IMPATIENCE_MS = 800;
const IMPATIENT_SHARE = 0.15;
const RETRY_MS = 400;
/** Of the connectors, at the end. */
const LEFT_SHARE = 0.4;

const ACTIONS: Readonly<Record<TargetState, string>> = { STARTED: "resume", PAUSED: "pause", STOPPED: "stop" };

/** What is read, with `*` in place of a connector's name. */
const READS = [
  "/connectors",
  "/connectors",
  "/connectors?expand=status&expand=info",
  "/connectors/*",
  "/connectors/*",
  "/connectors/*/config",
  "/connectors/*/status",
  "/connectors/*/status",
  "/connectors/*/tasks",
  "/connectors/*/tasks/0/status",
  "/connectors/*/offsets",
  "/connectors/*/topics",
  "/millrace/v1/connectors/*/history",
  "/millrace/v1/metrics",
  "/connector-plugins",
  "/health",
  "/",
];

/** Somebody with connectors who cannot leave them alone. What gateways answer is checked where they answer it. */
export class User {
  readonly #world: World;
  readonly #process: SimulatedProcess;
  readonly #client: RestClient;
  readonly #random: SeededRandom;
  readonly #configs: ConnectorConfigs;

  constructor(world: World) {
    this.#world = world;
    this.#process = world.process("user#1");
    this.#random = world.stream("user");
    this.#configs = new ConnectorConfigs(world.profile, this.#random);
    this.#client = new RestClient({ world, process: this.#process, random: world.stream("connections") });
  }

  async createAll(): Promise<void> {
    for (const name of this.#configs.names) await this.#insist(() => this.#put(name, false));
  }

  /** Changes and reads something now and then, until `isOver`. */
  async meddle(isOver: () => boolean): Promise<void> {
    const { userGapMs } = this.#world.profile;
    while (!isOver()) {
      await this.#process.clock.sleep(-Math.log(1 - this.#random.next()) * userGapMs);
      if (isOver()) return;
      await this.read();
      await this.#random.pick(WISHES)(this, this.#random.pick(this.#configs.names));
    }
  }

  /**
   * Everything is to run, and configured for the end; only then this resolves. Some connectors are only told to run: what
   * has got stuck in them must come free without being started anew.
   */
  async finish(): Promise<void> {
    for (const name of this.#configs.names) {
      const isLeft = this.#random.next() < LEFT_SHARE && (await this.target(name, "STARTED"));
      if (isLeft) continue;
      await this.#insist(() => this.#put(name, true));
      await this.#insist(() => this.target(name, "STARTED"));
    }
  }

  async #insist(wish: () => Promise<boolean>): Promise<void> {
    while (!(await wish())) await this.#process.clock.sleep(RETRY_MS);
  }

  reconfigure(name: string): Promise<boolean> {
    return this.#put(name, false);
  }

  #put(name: string, isLast: boolean): Promise<boolean> {
    const body = this.#configs.config(name, isLast);
    return this.#isDone({ method: "PUT", path: `/connectors/${name}/config`, body });
  }

  /** Two people change different settings at the same time. */
  async patch(name: string): Promise<boolean> {
    const path = `/connectors/${name}/config`;
    const patches = this.#configs.patches(name).map((body) => this.#isDone({ method: "PATCH", path, body }));
    return (await Promise.all(patches)).every(Boolean);
  }

  /** Takes what it is shown, passwords hidden, and sends it back with one thing changed. */
  async edit(name: string): Promise<boolean> {
    const path = `/connectors/${name}/config`;
    const answer = await this.#ask({ method: "GET", path });
    if (answer === null || !isSuccess(answer)) return false;
    const [change] = this.#configs.patches(name);
    return this.#isDone({ method: "PUT", path, body: { ...(JSON.parse(answer.text) as object), ...change } });
  }

  validate(name: string): Promise<boolean> {
    const body: Config = { ...this.#configs.config(name, false), name };
    const path = `/connector-plugins/${body["connector.class"] ?? SOURCE_CLASS}/config/validate`;
    return this.#isDone({ method: "PUT", path, body });
  }

  target(name: string, targetState: TargetState): Promise<boolean> {
    return this.#isDone({ method: "PUT", path: `/connectors/${name}/${ACTIONS[targetState]}` });
  }

  /** Deletes it and, some time later, creates it anew. */
  async recreate(name: string): Promise<boolean> {
    await this.#isDone({ method: "DELETE", path: `/connectors/${name}` });
    await this.#isDone({ method: "GET", path: "/connectors" });
    await this.#process.clock.sleep(this.#random.next() * 1_500);
    const body = { name, config: this.#configs.config(name, false) };
    if (await this.#isDone({ method: "POST", path: "/connectors", body })) return true;
    return this.#put(name, false);
  }

  restart(name: string): Promise<boolean> {
    const includeTasks = this.#random.next() < 0.5;
    return this.#isDone({ method: "POST", path: `/connectors/${name}/restart?includeTasks=${includeTasks}` });
  }

  read(): Promise<boolean> {
    const path = this.#random.pick(READS).replace("*", this.#random.pick(this.#configs.names));
    return this.#isDone({ method: "GET", path });
  }

  async #isDone(request: RestRequest): Promise<boolean> {
    const answer = await this.#ask(request);
    return answer !== null && isSuccess(answer);
  }

  async #ask(request: RestRequest): Promise<RestAnswer | null> {
    const gateway = this.#random.pick(this.#world.gateways);
    const what = `${request.method} ${request.path}`;
    this.#world.say("user", `asks ${gateway.name}: ${what}`);
    const patienceMs = this.#random.next() < IMPATIENT_SHARE ? IMPATIENCE_MS : PATIENCE_MS;
    const answer = await this.#client.ask(gateway, request, patienceMs);
    this.#world.say("user", `${answer === null ? "hears nothing" : `hears ${answer.status}`}: ${what}`);
    return answer;
  }

  /** As this gateway shows it; null: it does not. */
  async view(gateway: Machine, path: string): Promise<unknown> {
    const answer = await this.#client.ask(gateway, { method: "GET", path }, PATIENCE_MS);
    return answer === null || !isSuccess(answer) ? null : JSON.parse(answer.text);
  }
}

function isSuccess({ status }: RestAnswer): boolean {
  return status < 300;
}

const WISHES: readonly ((user: User, name: string) => Promise<boolean>)[] = [
  (user, name) => user.reconfigure(name),
  (user, name) => user.reconfigure(name),
  (user, name) => user.reconfigure(name),
  (user, name) => user.patch(name),
  (user, name) => user.edit(name),
  (user, name) => user.target(name, "PAUSED"),
  (user, name) => user.target(name, "STOPPED"),
  (user, name) => user.target(name, "STARTED"),
  (user, name) => user.target(name, "STARTED"),
  (user, name) => user.target(name, "STARTED"),
  (user, name) => user.recreate(name),
  (user, name) => user.restart(name),
  (user) => user.read(),
  (user, name) => user.validate(name),
];
