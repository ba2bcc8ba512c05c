import { ConnectError, type Logger, type SinkPlugin, type SourcePlugin } from "@millrace/connect";
import { type ConnectorWork, isProtocolError, type TargetState, type WorkState } from "@millrace/protocol";
import { backoffMs } from "@millrace/time";
import { allowedLayers } from "../client-configs.ts";
import type { HostEnvironment } from "../environment.ts";
import type { ControlLink } from "../running-task.ts";
import { hidingLogger, Secrets } from "../secrets.ts";
import { openSourceOffsets } from "../source/start-source-task.ts";
import { connectorPlugin } from "../task-plugins.ts";
import { traceOf } from "../trace.ts";
import { completeTaskConfigs } from "./task-configs.ts";

type Connector = ReturnType<SourcePlugin["create"]> | ReturnType<SinkPlugin["create"]>;

const RECONFIGURE_BACKOFF = { initialMs: 250, maxMs: 60_000 };

/**
 * One connector: decides which tasks there are.
 *
 *   UNASSIGNED ──start──▶ RUNNING ──pause──▶ PAUSED ──stop──▶ STOPPED ──resume──▶ RUNNING
 *        └───── start fails, or raiseError ────▶ FAILED (stays until restarted or taken away)
 *
 * Changes of state run one after the other in `#queue`.
 */
export class RunningConnector {
  #env: HostEnvironment;
  #work: ConnectorWork;
  #link: ControlLink;
  #logger: Logger;
  #stop = new AbortController();
  #queue: Promise<void>;
  #connector: Connector | null = null;
  #plugin: SourcePlugin | SinkPlugin | null = null;
  #failed = false;
  #released = false;
  #secrets = Secrets.none;
  #reconfiguring = false;
  #reconfigureAgain = false;

  constructor(env: HostEnvironment, work: ConnectorWork, link: ControlLink) {
    this.#env = env;
    this.#work = work;
    this.#link = link;
    this.#logger = env.logger.child({ connector: work.connector });
    this.#report("UNASSIGNED", true, null);
    this.#queue = this.#reach(work.targetState);
  }

  setTarget(target: TargetState): void {
    this.#queue = this.#queue.then(() => this.#reach(target));
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#stop.abort(new Error("the connector was asked to stop"));
    const late = new AbortController();
    const ended = this.#queue.then(() => this.#stopConnector());
    await Promise.race([ended, this.#env.clock.sleep(timeoutMs, late.signal).catch(() => {})]);
    late.abort();
    this.#report("UNASSIGNED", false, null);
  }

  async #reach(target: TargetState): Promise<void> {
    if (this.#stop.signal.aborted || this.#failed) return;
    try {
      if (target === "STARTED") await this.#start();
      else await this.#stopConnector();
      if (this.#failed) return;
      this.#report(target === "STARTED" ? "RUNNING" : target, true, null);
      if (target === "STARTED") void this.#reconfigure();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #start(): Promise<void> {
    if (this.#connector !== null) return;
    const { config, secrets } = await this.#env.providers.reveal(this.#work.config);
    this.#secrets = secrets;
    this.#plugin = connectorPlugin(this.#env, config);
    const connector = this.#plugin.create();
    const { clock } = this.#env;
    await connector.start(
      {
        connector: this.#work.connector,
        logger: hidingLogger(this.#logger, secrets),
        nowMs: () => clock.nowMs(),
        sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
        requestTaskReconfiguration: () => void this.#reconfigure(),
        raiseError: (error) => this.#fail(error),
        offsets: {
          offset: (partition) => this.#offsets(config).offset(partition),
          offsets: (partitions) => this.#offsets(config).offsets(partitions),
        },
      },
      config,
    );
    this.#connector = connector;
    // Asked to stop while it started: `stop` waits in the queue, and nothing else is to be done with it.
    this.#stop.signal.throwIfAborted();
  }

  async #stopConnector(): Promise<void> {
    const connector = this.#connector;
    this.#connector = null;
    try {
      await connector?.stop();
    } catch (error) {
      this.#logger.error("stopping the connector failed", { error: this.#secrets.hide(String(error)) });
    }
  }

  /** Asks the connector for its task configs and stores them; a burst of requests is one more round. */
  async #reconfigure(): Promise<void> {
    if (this.#reconfiguring) {
      this.#reconfigureAgain = true;
      return;
    }
    this.#reconfiguring = true;
    try {
      do {
        this.#reconfigureAgain = false;
        await this.#putTasks();
      } while (this.#reconfigureAgain);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#reconfiguring = false;
    }
  }

  /** Tried again without end while the connector runs: nobody else can make these configs. */
  async #putTasks(): Promise<void> {
    for (let attempt = 1; this.#connector !== null && !this.#stop.signal.aborted; attempt++) {
      try {
        const { connector: name, configVersion } = this.#work;
        const { config: resolved, secrets } = await this.#env.providers.reveal(this.#work.config);
        this.#secrets = secrets;
        const connector = this.#connector;
        if (connector === null) return;
        const tasksMax = Number(resolved["tasks.max"] ?? 1);
        const made = await connector.taskConfigs(tasksMax);
        // Stopped, or replaced, meanwhile: its task configs are of no use.
        if (this.#connector !== connector || this.#stop.signal.aborted) continue;
        const enforce = resolved["tasks.max.enforce"]?.toLowerCase() !== "false";
        if (made.length > tasksMax && enforce) throw tooManyTasks(name, made.length, tasksMax);
        const configs = completeTaskConfigs(made, { raw: this.#work.config, resolved, secrets }, this.#plugin!);
        await this.#link.tasksPut({ name, configVersion, configs });
        return;
      } catch (error) {
        if (isTooManyTasks(error)) throw error;
        // Superseded: the scheduler is about to give this host the newer config, or the connector was stopped.
        if (isProtocolError(error) && (error.code === "CONFLICT" || error.code === "NOT_FOUND")) return;
        this.#logger.warn("making task configs failed and will be tried again", {
          error: this.#secrets.hide(String(error)),
        });
        const delayMs = backoffMs(attempt, RECONFIGURE_BACKOFF, this.#env.random());
        await this.#env.clock.sleep(delayMs, this.#stop.signal).catch(() => {});
      }
    }
  }

  #offsets(config: Record<string, string>) {
    const { worker } = this.#env;
    const layers = allowedLayers(worker, "source", config);
    const identity = { groupId: worker.groupId, connector: this.#work.connector, task: 0 };
    return openSourceOffsets(this.#env, this.#work.connector, layers, identity, this.#stop.signal);
  }

  #fail(error: unknown): void {
    if (this.#failed || this.#stop.signal.aborted) return;
    this.#failed = true;
    const trace = this.#secrets.hide(traceOf(error));
    this.#logger.error("the connector failed", { trace });
    this.#report("FAILED", true, trace);
  }

  #report(state: WorkState, active: boolean, trace: string | null): void {
    if (this.#released) return;
    this.#released = !active;
    const { connector, configVersion: generation, restart } = this.#work;
    const version = this.#plugin?.version ?? null;
    this.#link.report({ connector, task: null, generation, restart, state, active, trace, version });
  }
}

function tooManyTasks(connector: string, tasks: number, tasksMax: number): ConnectError {
  return new ConnectError(
    `The connector ${connector} has generated ${tasks} tasks, which is greater than ${tasksMax}, the maximum number of tasks it is configured to create. This behaviour should be considered a bug and is disallowed. If necessary, it can be permitted by reconfiguring the connector with 'tasks.max.enforce' set to false; however, this option will be removed in a future release of Kafka Connect.`,
    { code: "TOO_MANY_TASKS" },
  );
}

function isTooManyTasks(error: unknown): boolean {
  return error instanceof ConnectError && error.code === "TOO_MANY_TASKS";
}
