import { type ConnectorRecord, connectorSettle, definedConfig, offsetsAlter, offsetsGet } from "@millrace/protocol";
import type { Ask } from "../ask.ts";
import { HttpError } from "../errors.ts";
import { type OffsetsBody, parseOffsets } from "../offsets-body.ts";
import { readBody } from "../read-body.ts";
import { type Call, json, type Resource } from "../resource.ts";
import { getConnector } from "./connectors.ts";

export interface OffsetRoutesDeps {
  readonly ask: Ask;
  readonly bodyBytesMax: number;
}

export function offsetRoutes(deps: OffsetRoutesDeps): Resource[] {
  return [
    {
      path: "/connectors/:connector/offsets",
      methods: {
        async GET(call) {
          const record = await getConnector(deps.ask, call);
          const { name } = record;
          const config = definedConfig(record.config);
          const { offsets } = await deps.ask(offsetsGet, { connector: name, config }, { signal: call.signal });
          return json({ offsets });
        },
        async PATCH(call) {
          const offsets = parseOffsets(await readBody(call.request, deps.bodyBytesMax));
          return alter(deps.ask, call, offsets);
        },
        DELETE: (call) => alter(deps.ask, call, null),
      },
    },
  ];
}

/** Null offsets: all are removed. */
async function alter(ask: Ask, call: Call, offsets: OffsetsBody | null): Promise<Response> {
  const record = await getConnector(ask, call);
  requireStopped(record);
  const { name } = record;
  const config = definedConfig(record.config);
  const { signal } = call;
  await ask(connectorSettle, { name }, { signal });
  const { altered } = await ask(offsetsAlter, { connector: name, config, offsets }, { signal });
  const done = offsets === null ? "reset" : "altered";
  const { version, targetState } = await getConnector(ask, call);
  // Its tasks may have begun before the offsets were written, and write their own.
  if (targetState !== "STOPPED" || version !== record.version) {
    throw new HttpError(
      409,
      `Connector ${name} was changed or resumed while its offsets were ${done}, so its tasks may not go by them. Stop it, read its offsets, and repeat the request`,
    );
  }
  const message = altered
    ? `The offsets for this connector have been ${done} successfully`
    : `The Connect framework-managed offsets for this connector have been ${done} successfully. However, if this connector manages offsets externally, they will need to be manually ${done} in the system that the connector uses.`;
  return json({ message });
}

function requireStopped({ name, targetState, tasks }: ConnectorRecord): void {
  if (targetState === "STOPPED" && tasks.configs.length === 0) return;
  throw new HttpError(
    400,
    `Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/${name}/stop' endpoint`,
  );
}
