// Pure: what every service is told about its log.
import * as z from "zod";
import { defineEvent } from "./subjects.ts";

export const logLevel = z.enum(["trace", "debug", "info", "warn", "error", "fatal", "off"]);

/** `PUT /admin/loggers/{logger}?scope=cluster`. Who misses it keeps its level; nothing is kept for services started later. */
export const loggerLevel = defineEvent("logger.level", z.object({ logger: z.string(), level: logLevel }));
