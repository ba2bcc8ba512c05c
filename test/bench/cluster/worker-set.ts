import type { RestClient } from "../../../deploy/prove/rest-client.ts";

/** One process that runs tasks, of whichever product. */
export interface Worker {
  /** As statuses show it. */
  readonly id: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /** With everything it has started, as a machine that goes down. */
  crash(): Promise<void>;
  /** SIGTERM; resolves when it has ended. */
  drain(): Promise<void>;
  restart(): Promise<void>;
}

/** Equal workers, Millrace's runners or Connect's workers, and what it takes to ask them. */
export interface WorkerSet {
  readonly label: string;
  readonly bootstrapServers: string;
  /** Holds files that all workers can read. */
  readonly dir: string;
  readonly workers: readonly Worker[];
  /** Asks somebody else than this worker. */
  restWithout(worker: Worker | null): RestClient;
  stop(): Promise<void>;
}

interface Task {
  readonly state: string;
  readonly worker_id: string;
}

/** Where each connector's only task runs, by connector; one that does not run is left out. */
export async function places(rest: RestClient): Promise<ReadonlyMap<string, string>> {
  const answer = await rest.ask("GET", "/connectors?expand=status").catch(() => null);
  const found = new Map<string, string>();
  if (answer?.status !== 200) return found;
  const connectors = answer.body as Record<string, { status: { tasks: readonly Task[] } }>;
  for (const [name, { status }] of Object.entries(connectors)) {
    const [task] = status.tasks;
    if (task?.state === "RUNNING") found.set(name, task.worker_id);
  }
  return found;
}
