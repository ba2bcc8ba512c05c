import type { Bus } from "@millrace/bus";
import { loggerLevel } from "@millrace/protocol";
import { type LoggerLevel, type LogLevels, parseLogLevel } from "@millrace/service/log-levels";
import type { Clock } from "@millrace/time";
import { HttpError } from "../errors.ts";
import { parseJsonObject, unreadable } from "../json-body.ts";
import { readBody } from "../read-body.ts";
import { type Call, empty, json, type Resource } from "../resource.ts";

export interface LoggerRoutesDeps {
  /** Of this process: scope `worker`. */
  readonly levels: LogLevels;
  /** To every service: scope `cluster`. */
  readonly bus: Bus;
  readonly clock: Clock;
  readonly bodyBytesMax: number;
}

export function loggerRoutes(deps: LoggerRoutesDeps): Resource[] {
  const { levels } = deps;
  return [
    {
      path: "/admin/loggers",
      methods: {
        GET: async () => json(Object.fromEntries(levels.list().map((each) => [each.logger, loggerInfo(each)]))),
      },
    },
    {
      path: "/admin/loggers/:logger",
      methods: {
        async GET({ param }) {
          const level = levels.get(param("logger"));
          if (level === null) throw new HttpError(404, `Logger ${param("logger")} not found.`);
          return json(loggerInfo(level));
        },
        PUT: (call) => setLevel(deps, call),
      },
    },
  ];
}

/** Any scope but `cluster` is the worker's, as in Connect. */
async function setLevel({ levels, bus, clock, bodyBytesMax }: LoggerRoutesDeps, call: Call): Promise<Response> {
  const given = levelField(await readBody(call.request, bodyBytesMax));
  if (given === null) throw new HttpError(400, "Desired 'level' parameter was not specified in request.");
  const level = parseLogLevel(given);
  if (level === null) throw new HttpError(404, `invalid log level '${given}'.`);
  const logger = call.param("logger");
  const changed = levels.set(logger, level, clock.nowMs());
  if (call.query.get("scope")?.toLowerCase() !== "cluster") return json(changed);
  bus.publish(loggerLevel, { logger, level });
  return empty(204);
}

function levelField(text: string | null): string | null {
  const level = parseJsonObject(text, "the request body")?.level ?? null;
  if (level === null || typeof level === "string") return level;
  throw unreadable('"level" must be a string');
}

function loggerInfo({ level, modifiedMs }: LoggerLevel) {
  return { level: level.toUpperCase(), last_modified: modifiedMs };
}
