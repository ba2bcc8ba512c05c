import {
  type ConnectorRecord,
  deadLetterGroups,
  deadLetterList,
  deadLetterReplay,
  definedConfig,
  letterEdit,
  replayTarget,
} from "@millrace/protocol";
import * as z from "zod";
import type { Ask } from "../ask.ts";
import { HttpError } from "../errors.ts";
import { readOwnBody } from "../own-body.ts";
import { type Call, json, type Resource, wholeNumber } from "../resource.ts";
import { getConnector } from "./connectors.ts";

export interface DeadLetterRoutesDeps {
  readonly ask: Ask;
  readonly bodyBytesMax: number;
}

const BASE = "/millrace/v1/connectors/:connector/dead-letters";

/** What became of records that failed, and their way back. */
export function deadLetterRoutes(deps: DeadLetterRoutesDeps): Resource[] {
  return [
    { path: BASE, methods: { GET: (call) => groups(deps, call) } },
    { path: `${BASE}/letters`, methods: { GET: (call) => list(deps, call) } },
    { path: `${BASE}/replay`, methods: { POST: (call) => replay(deps, call) } },
  ];
}

async function groups({ ask }: DeadLetterRoutesDeps, call: Call): Promise<Response> {
  const record = await getConnector(ask, call);
  return json(await ask(deadLetterGroups, whose(record), { signal: call.signal }));
}

async function list({ ask }: DeadLetterRoutesDeps, call: Call): Promise<Response> {
  const { query, signal } = call;
  const group = query.get("group");
  const limit = wholeNumber(query, "limit", { absent: 20, min: 1, max: 100 });
  const skip = wholeNumber(query, "skip", { absent: 0, min: 0, max: 1_000_000 });
  const record = await getConnector(ask, call);
  return json(await ask(deadLetterList, { ...whose(record), group, skip, limit }, { signal }));
}

/** Flat, as people write it by hand: one of three says which letters. */
export const replayBody = z.strictObject({
  to: replayTarget.default("topic"),
  all: z.literal(true).optional(),
  group: z.string().optional(),
  letters: z.array(letterEdit).min(1).max(1_000).optional(),
});

async function replay({ ask, bodyBytesMax }: DeadLetterRoutesDeps, call: Call): Promise<Response> {
  const { to, all, group, letters } = await readOwnBody(call.request, { schema: replayBody, bodyBytesMax });
  const choices = [
    ...(all === undefined ? [] : [{ all }]),
    ...(group === undefined ? [] : [{ group }]),
    ...(letters === undefined ? [] : [{ letters }]),
  ];
  const [choice] = choices;
  if (choice === undefined || choices.length > 1) {
    throw new HttpError(
      400,
      'Say which dead letters: one of "letters": [{"partition": 0, "offset": 0}], "group": "…" or "all": true',
    );
  }
  const record = await getConnector(ask, call);
  const taskConfig = record.tasks.configs[0] ?? null;
  const question = { ...whose(record), taskConfig, to, choice };
  return json(await ask(deadLetterReplay, question, { signal: call.signal }));
}

function whose(record: ConnectorRecord) {
  return { connector: record.name, config: definedConfig(record.config) };
}
