import { setTimeout as sleep } from "node:timers/promises";

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  /** Default: application/json. */
  readonly contentType?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const answerTimeoutMs = 20_000;
const statusTimeoutMs = 20_000;
const probeIntervalMs = 20;

export async function answer(gateway: string, { method, path, body, contentType }: Request): Promise<Answer> {
  const response = await fetch(`${gateway}${path}`, {
    method,
    signal: AbortSignal.timeout(answerTimeoutMs),
    ...(body === undefined ? {} : { body, headers: { "content-type": contentType ?? "application/json" } }),
  });
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

/** The parsed body; undefined when it is empty. Throws unless the status is `expected`. */
export async function call(gateway: string, expected: number, request: Request): Promise<unknown> {
  const { status, body } = await answer(gateway, request);
  if (status !== expected) throw new Error(`${request.method} ${request.path}: ${status} ${body}`);
  return body === "" ? undefined : JSON.parse(body);
}

interface Status {
  readonly connector: { readonly state: string };
  readonly tasks: readonly { readonly state: string }[];
}

/** Until the connector and its one task are in `state`. */
export function untilInState(gateway: string, connector: string, state: string): Promise<void> {
  return untilStatus(gateway, connector, state, ({ status, body }) => {
    if (status !== 200) return false;
    const { connector: own, tasks } = JSON.parse(body) as Status;
    return own.state === state && tasks.length === 1 && tasks[0]?.state === state;
  });
}

/** Until no status is left of a deleted connector: its runner has stopped it. */
export function untilGone(gateway: string, connector: string): Promise<void> {
  return untilStatus(gateway, connector, "gone", ({ status }) => status === 404);
}

async function untilStatus(gateway: string, connector: string, what: string, reached: (answer: Answer) => boolean) {
  const deadlineMs = performance.now() + statusTimeoutMs;
  for (;;) {
    const found = await answer(gateway, { method: "GET", path: `/connectors/${connector}/status` });
    if (reached(found)) return;
    if (performance.now() > deadlineMs) throw new Error(`${connector} is not ${what}: ${found.status} ${found.body}`);
    await sleep(probeIntervalMs);
  }
}
