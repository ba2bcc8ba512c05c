import { isProtocolError, type LogEntry, runnerList, runnerLogs, statusGet } from "@millrace/protocol";
import type { Clock } from "@millrace/time";
import { type Ask, isNotFound } from "../ask.ts";
import { HttpError } from "../errors.ts";
import { type Call, json, type Resource, wholeNumber } from "../resource.ts";

export interface LogRoutesDeps {
  readonly ask: Ask;
  readonly clock: Clock;
}

const LINES = { absent: 200, min: 1, max: 1_000 };
const ASK_TIMEOUT_MS = 4_000;
const FOLLOW_EVERY_MS = 500;
/** Runners come and go. */
const RUNNERS_EVERY_MS = 5_000;
/** A proxy between ends connections on which nothing is said. */
const QUIET_MAX_MS = 15_000;
const FOLLOWERS_MAX = 100;

/** Of one runner, the last line that was read. */
type Cursors = Map<string, number>;

/** What a connector and its tasks have logged lately, wherever they ran. */
export function logRoutes(deps: LogRoutesDeps): Resource[] {
  let followers = 0;
  return [
    {
      path: "/millrace/v1/connectors/:connector/logs",
      otherMedia: true,
      methods: {
        async GET(call) {
          const { query, param } = call;
          const connector = param("connector");
          const lines = wholeNumber(query, "lines", LINES);
          const cursors: Cursors = new Map();
          await findRunners(deps, cursors);
          const entries = await readLogs(deps, { connector, lines, cursors });
          if (entries.length === 0) await assertKnown(deps, call);
          if (!query.has("follow") || query.get("follow") === "false") return json({ lines: entries });
          if (followers >= FOLLOWERS_MAX) throw new HttpError(503, `${FOLLOWERS_MAX} logs are followed already`);
          followers++;
          const ended = () => {
            followers--;
          };
          return follow(deps, { connector, cursors, first: entries, signal: call.signal, ended });
        },
      },
    },
  ];
}

/** Runners that are new are read from their first line on. */
async function findRunners({ ask }: LogRoutesDeps, cursors: Cursors): Promise<void> {
  const { runners } = await ask(runnerList, {}, { timeoutMs: ASK_TIMEOUT_MS });
  const there = new Set(runners.map(({ runner }) => runner));
  for (const runner of [...cursors.keys()]) if (!there.has(runner)) cursors.delete(runner);
  for (const runner of there) if (!cursors.has(runner)) cursors.set(runner, 0);
}

/** The latest of all runners, oldest first. One that does not answer is left out this time. */
async function readLogs(
  { ask }: LogRoutesDeps,
  of: { readonly connector: string; readonly lines: number; readonly cursors: Cursors },
): Promise<Record<string, unknown>[]> {
  const { connector, lines, cursors } = of;
  const answers = await Promise.all(
    [...cursors].map(async ([runner, after]) => {
      try {
        const answer = await ask(runnerLogs(runner), { connector, after, lines }, { timeoutMs: ASK_TIMEOUT_MS });
        cursors.set(runner, answer.latest);
        return answer.entries;
      } catch (error) {
        if (isProtocolError(error)) return [];
        throw error;
      }
    }),
  );
  const entries = answers.flat().map(shown);
  return entries.sort((a, b) => (String(a.time) < String(b.time) ? -1 : 1)).slice(-lines);
}

function shown({ line }: LogEntry): Record<string, unknown> {
  const { time, level, msg, name: _, ...rest } = JSON.parse(line) as Record<string, unknown>;
  return { time, level, message: msg, ...rest };
}

async function assertKnown({ ask }: LogRoutesDeps, { param, signal }: Call): Promise<void> {
  const name = param("connector");
  try {
    await ask(statusGet, { name }, { signal });
  } catch (error) {
    if (isNotFound(error)) throw new HttpError(404, `Connector ${name} not found`);
    throw error;
  }
}

/** As server-sent events, each a line as JSON, until the client goes. */
function follow(
  deps: LogRoutesDeps,
  of: {
    readonly connector: string;
    readonly cursors: Cursors;
    readonly first: readonly Record<string, unknown>[];
    readonly signal: AbortSignal;
    readonly ended: () => void;
  },
): Response {
  const { clock } = deps;
  const { connector, cursors } = of;
  const gone = new AbortController();
  const signal = AbortSignal.any([of.signal, gone.signal]);
  signal.addEventListener("abort", of.ended, { once: true });
  const encoder = new TextEncoder();
  let next = [...of.first];
  let saidMs = clock.monotonicMs();
  let foundMs = clock.monotonicMs();
  const events = new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (;;) {
        const nowMs = clock.monotonicMs();
        const text = next.map((line) => `data: ${JSON.stringify(line)}\n\n`).join("");
        const quiet = nowMs - saidMs >= QUIET_MAX_MS ? ": still there\n\n" : "";
        if (text + quiet !== "") {
          saidMs = nowMs;
          next = [];
          return controller.enqueue(encoder.encode(text + quiet));
        }
        try {
          await clock.sleep(FOLLOW_EVERY_MS, signal);
          if (nowMs - foundMs >= RUNNERS_EVERY_MS) {
            foundMs = nowMs;
            await findRunners(deps, cursors).catch(() => {});
          }
          next = await readLogs(deps, { connector, lines: LINES.max, cursors });
        } catch {
          gone.abort();
          return controller.close();
        }
      }
    },
    cancel: () => gone.abort(),
  });
  return new Response(events, { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } });
}
