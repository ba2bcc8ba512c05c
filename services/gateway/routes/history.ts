import { connectorHistory, connectorRollback, hashMapOrder } from "@millrace/protocol";
import * as z from "zod";
import type { Ask } from "../ask.ts";
import { connectorInfo } from "../entities.ts";
import { HttpError } from "../errors.ts";
import type { Mask, MaskConfig } from "../masking.ts";
import { readOwnBody } from "../own-body.ts";
import type { PluginTypes } from "../plugin-types.ts";
import { type Call, json, type Resource, wholeNumber } from "../resource.ts";

export interface HistoryRoutesDeps {
  readonly ask: Ask;
  readonly types: PluginTypes;
  readonly mask: Mask;
  readonly maskConfig: MaskConfig;
  readonly bodyBytesMax: number;
}

const LIMIT = { absent: 20, min: 1, max: 100 };

/** Earlier configs of a connector, deleted ones included, and the way back to one. */
export function historyRoutes(deps: HistoryRoutesDeps): Resource[] {
  return [
    { path: "/millrace/v1/connectors/:connector/history", methods: { GET: (call) => list(deps, call) } },
    { path: "/millrace/v1/connectors/:connector/rollback", methods: { POST: (call) => rollBack(deps, call) } },
  ];
}

async function list({ ask, maskConfig }: HistoryRoutesDeps, { param, query, signal }: Call): Promise<Response> {
  const name = param("connector");
  const limit = wholeNumber(query, "limit", LIMIT);
  const before = wholeNumber(query, "before", { absent: 0, min: 0, max: Number.MAX_SAFE_INTEGER });
  const page = await ask(connectorHistory, { name, beforeVersion: before || null, limit }, { signal });
  if (page.versions.length === 0 && before === 0) throw new HttpError(404, `Connector ${name} not found`);
  const versions = page.versions.map((entry) => ({
    version: entry.version,
    at: new Date(entry.atMs).toISOString(),
    author: entry.author,
    config: hashMapOrder(maskConfig(entry)),
  }));
  return json({ versions, more: page.more });
}

const rollbackBody = z.object({ version: z.int().min(1) });

async function rollBack({ ask, types, mask, bodyBytesMax }: HistoryRoutesDeps, call: Call): Promise<Response> {
  const { version } = await readOwnBody(call.request, { schema: rollbackBody, bodyBytesMax });
  const name = call.param("connector");
  const { created, connector } = await ask(connectorRollback, { name, version }, { signal: call.signal });
  return json(connectorInfo(mask(connector), await types.typeOf(connector.config)), created ? 201 : 200);
}
