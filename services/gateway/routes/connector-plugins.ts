import {
  connectorGet,
  isProtocolError,
  pluginConfig,
  pluginList,
  pluginValidate,
  type SubmittedConfig,
} from "@millrace/protocol";
import type { Ask } from "../ask.ts";
import { pluginEntry } from "../entities.ts";
import { HttpError } from "../errors.ts";
import { holdsMask, unmasked } from "../masking.ts";
import { matchesRequestedPlugin } from "../plugin-alias.ts";
import { readBody } from "../read-body.ts";
import { parseConfig, requireConnectorClass } from "../request-body.ts";
import { type Call, flag, json, type Resource } from "../resource.ts";

export interface PluginRoutesDeps {
  readonly ask: Ask;
  readonly bodyBytesMax: number;
}

export function connectorPluginRoutes(deps: PluginRoutesDeps): Resource[] {
  return [
    {
      path: "/connector-plugins",
      methods: {
        async GET({ query, signal }) {
          const { plugins } = await deps.ask(pluginList, {}, { signal });
          const connectorsOnly = flag(query, "connectorsOnly", true);
          const shown = plugins.filter(({ type }) => !connectorsOnly || type === "source" || type === "sink");
          return json(shown.map(pluginEntry));
        },
      },
    },
    {
      path: "/connector-plugins/:plugin/config",
      methods: {
        async GET({ param, query, signal }) {
          const question = { plugin: param("plugin"), version: query.get("version") };
          return json((await deps.ask(pluginConfig, question, { signal })).definitions);
        },
      },
    },
    { path: "/connector-plugins/:plugin/config/validate", methods: { PUT: (call) => validate(deps, call) } },
  ];
}

async function validate({ ask, bodyBytesMax }: PluginRoutesDeps, call: Call): Promise<Response> {
  const requested = call.param("plugin");
  const config = parseConfig(await readBody(call.request, bodyBytesMax));
  const configured = config["connector.class"] ?? null;
  if (configured !== null && !matchesRequestedPlugin(configured, requested)) {
    throw new HttpError(400, `Included connector type ${configured} does not match request type ${requested}`);
  }
  try {
    requireConnectorClass(config);
    const complete = await filledIn(ask, config, call.signal);
    return json((await ask(pluginValidate, { config: complete }, { signal: call.signal })).infos);
  } catch (cause) {
    throw asValidationFailure(cause);
  }
}

/** A config as it was shown, with masks for passwords, is checked with those that are stored. */
async function filledIn(ask: Ask, config: SubmittedConfig, signal: AbortSignal): Promise<SubmittedConfig> {
  const name = config.name ?? null;
  if (name === null || !holdsMask(config)) return config;
  const stored = await ask(connectorGet, { name }, { signal }).catch(() => null);
  return stored === null ? config : unmasked(config, stored.connector);
}

/** A class that is missing or unknown is a 400 when a connector is created, but here Connect wraps it into a 500. */
function asValidationFailure(error: unknown): unknown {
  const refused = error instanceof HttpError || (isProtocolError(error) && error.code === "INVALID");
  if (!refused) return error;
  const wrapper = "org.apache.kafka.connect.runtime.rest.errors.BadRequestException";
  return new HttpError(500, `${wrapper}: ${error.message}`, { cause: error });
}
