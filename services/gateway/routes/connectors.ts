import {
  type ConnectorRecord,
  connectorDelete,
  connectorGet,
  connectorPut,
  hashMapOrder,
  isProtocolError,
} from "@millrace/protocol";
import type { Ask } from "../ask.ts";
import { ConnectorList, listStatuses } from "../connector-list.ts";
import { connectorInfo, connectorStateInfo, writtenConnectorInfo } from "../entities.ts";
import type { Mask } from "../masking.ts";
import type { PluginTypes } from "../plugin-types.ts";
import { readBody } from "../read-body.ts";
import {
  parseConfig,
  parseCreateConnector,
  patchConfig,
  requireConnectorClass,
  withConnectorName,
} from "../request-body.ts";
import { type Call, empty, json, type Resource } from "../resource.ts";
import { connectorLocation } from "../uri.ts";

export interface ConnectorRoutesDeps {
  readonly ask: Ask;
  readonly types: PluginTypes;
  readonly mask: Mask;
  readonly bodyBytesMax: number;
}

export function connectorRoutes(deps: ConnectorRoutesDeps): Resource[] {
  const connectors = new ConnectorList(deps.ask);
  return [
    {
      path: "/connectors",
      methods: { GET: (call) => list(deps, connectors, call), POST: (call) => create(deps, call) },
    },
    {
      path: "/connectors/:connector",
      methods: {
        async GET(call) {
          const record = await getConnector(deps.ask, call);
          return json(connectorInfo(deps.mask(record), await deps.types.typeOf(record.config)));
        },
        async DELETE({ param, signal }) {
          const name = param("connector");
          await deps.ask(connectorDelete, { name }, { signal, notFound: notFoundMessage(name) });
          return empty(204);
        },
      },
    },
    {
      path: "/connectors/:connector/config",
      methods: {
        GET: async (call) => json(hashMapOrder(deps.mask(await getConnector(deps.ask, call)).config)),
        PUT: (call) => putConfig(deps, call),
        PATCH: (call) => patch(deps, call),
      },
    },
  ];
}

/** 404 `Connector <c> not found` when there is none. */
export async function getConnector(ask: Ask, { param, signal }: Call): Promise<ConnectorRecord> {
  const name = param("connector");
  return (await ask(connectorGet, { name }, { signal, notFound: notFoundMessage(name) })).connector;
}

function notFoundMessage(name: string): string {
  return `Connector ${name} not found`;
}

async function list(
  { ask, types, mask }: ConnectorRoutesDeps,
  connectors: ConnectorList,
  { query, signal }: Call,
): Promise<Response> {
  const expansions = query.getAll("expand");
  const withStatus = expansions.includes("status");
  const [records, statuses] = await Promise.all([
    connectors.read(signal),
    withStatus ? listStatuses(ask, signal) : null,
  ]);
  if (expansions.length === 0) return json(records.map(({ name }) => name));

  // All at once, so that they wait together for runners that do not answer.
  const typeOf = new Map(
    await Promise.all(records.map(async ({ name, config }) => [name, await types.typeOf(config)] as const)),
  );
  const entries: [string, Record<string, unknown>][] = [];
  for (const record of records) {
    const status = statuses?.get(record.name);
    // Created a moment ago and not observed yet: left out whole, as Connect does.
    if (withStatus && status === undefined) continue;
    const entry: Record<string, unknown> = {};
    if (status !== undefined) entry.status = connectorStateInfo(status, typeOf.get(record.name)!);
    if (expansions.includes("info")) entry.info = connectorInfo(mask(record), typeOf.get(record.name)!);
    entries.push([record.name, entry]);
  }
  return json(Object.fromEntries(entries));
}

/** 201 only after the connector is durable (I10); its tasks come later. */
async function create({ ask, types, mask, bodyBytesMax }: ConnectorRoutesDeps, call: Call): Promise<Response> {
  const { name, config: sent, initialTargetState } = parseCreateConnector(await readBody(call.request, bodyBytesMax));
  const config = withConnectorName(sent, name);
  requireConnectorClass(config);
  const write = {
    name,
    config,
    createOnly: true,
    ...(initialTargetState === undefined ? {} : { initialTargetState }),
  };
  // The type is looked up meanwhile: once the connector is durable, its answer waits for nobody.
  const [{ connector }, type] = await Promise.all([
    ask(connectorPut, write, { signal: call.signal }),
    types.typeOf(config),
  ]);
  const info = writtenConnectorInfo(mask(connector), type);
  return json(info, 201, { location: connectorLocation(call.origin, name) });
}

async function putConfig({ ask, types, mask, bodyBytesMax }: ConnectorRoutesDeps, call: Call): Promise<Response> {
  const name = call.param("connector");
  const config = withConnectorName(parseConfig(await readBody(call.request, bodyBytesMax)), name);
  requireConnectorClass(config);
  const [{ created, connector }, type] = await Promise.all([
    ask(connectorPut, { name, config, createOnly: false }, { signal: call.signal }),
    types.typeOf(config),
  ]);
  const info = writtenConnectorInfo(mask(connector), type);
  return created ? json(info, 201, { location: connectorLocation(call.origin, name) }) : json(info);
}

const PATCH_ATTEMPTS_MAX = 5;

/** Read, changed and written only if nobody else wrote in between. */
async function patch({ ask, types, mask, bodyBytesMax }: ConnectorRoutesDeps, call: Call): Promise<Response> {
  const changes = parseConfig(await readBody(call.request, bodyBytesMax));
  const notFound = notFoundMessage(call.param("connector"));
  for (let attempt = 1; ; attempt++) {
    const { name, config: current, version: expectedVersion } = await getConnector(ask, call);
    const config = patchConfig(current, changes);
    requireConnectorClass(config);
    try {
      const write = { name, config, createOnly: false, expectedVersion };
      const [{ connector }, type] = await Promise.all([
        ask(connectorPut, write, { signal: call.signal, notFound }),
        types.typeOf(config),
      ]);
      return json(connectorInfo(mask(connector), type));
    } catch (error) {
      if (!isProtocolError(error) || error.code !== "CONFLICT" || attempt === PATCH_ATTEMPTS_MAX) throw error;
    }
  }
}
