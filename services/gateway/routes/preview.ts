import { connectorGet, preview, type SubmittedConfig } from "@millrace/protocol";
import * as z from "zod";
import type { Ask } from "../ask.ts";
import { HttpError } from "../errors.ts";
import { unmasked } from "../masking.ts";
import { readOwnBody } from "../own-body.ts";
import { requireConnectorClass } from "../request-body.ts";
import { type Call, json, type Resource } from "../resource.ts";

export interface PreviewRoutesDeps {
  readonly ask: Ask;
  readonly bodyBytesMax: number;
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String).nullable();

export const previewBody = z.strictObject({
  name: z.string().min(1).optional(),
  config: z.record(z.string(), scalar).optional(),
  records: z.int().min(1).max(50).default(10),
});

/** Tries a connector out on real records; see the `preview` message. */
export function previewRoutes(deps: PreviewRoutesDeps): Resource[] {
  return [{ path: "/millrace/v1/preview", methods: { POST: (call) => show(deps, call) } }];
}

async function show({ ask, bodyBytesMax }: PreviewRoutesDeps, { request, signal }: Call): Promise<Response> {
  const { name, config: given, records } = await readOwnBody(request, { schema: previewBody, bodyBytesMax });
  const connector = name ?? given?.name ?? "preview";
  const stored = name === undefined && given?.name === undefined ? null : await storedConnector(ask, connector, signal);
  const config: SubmittedConfig | undefined = stored === null || given === undefined ? given : unmasked(given, stored);
  const tried = config ?? stored?.config;
  if (tried === undefined) throw new HttpError(404, `Connector ${connector} not found; send a "config" to try out`);
  requireConnectorClass(tried);
  return json(await ask(preview, { connector, config: { ...tried, name: connector }, records }, { signal }));
}

async function storedConnector(ask: Ask, name: string, signal: AbortSignal) {
  const found = await ask(connectorGet, { name }, { signal }).catch(() => null);
  return found?.connector ?? null;
}
