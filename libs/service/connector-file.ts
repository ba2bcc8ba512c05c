// Pure: connector files as `connect-standalone worker.properties connector.properties…` takes them.
import * as z from "zod";
import { parseProperties } from "./properties.ts";

export const initialStates = ["RUNNING", "PAUSED", "STOPPED"] as const;

export interface ConnectorFile {
  readonly name: string;
  readonly config: Readonly<Record<string, string>>;
  /** null: not said. RUNNING is target state STARTED. */
  readonly initialState: (typeof initialStates)[number] | null;
}

const scalar = z
  .union([z.string(), z.number(), z.boolean()], { error: "must be a string, a number or a boolean" })
  .transform(String);
const configOf = z.record(z.string(), scalar);
const creation = z.strictObject({
  name: z.string({ error: "must be a string" }).optional(),
  config: configOf,
  initial_state: z
    .string({ error: `must be one of ${initialStates.join(", ")}` })
    .transform((state) => state.toUpperCase())
    .pipe(z.enum(initialStates, { error: `must be one of ${initialStates.join(", ")}` }))
    .nullish(),
});

/**
 * Reads a .properties file, a JSON map, or JSON `{name, config, initial_state}`.
 * @param path only named in errors; what the text is decides its format.
 * @throws Error naming the file and what is wrong.
 */
export function connectorConfigFromFile(path: string, text: string): ConnectorFile {
  const refuse = (problem: string, cause?: unknown) =>
    new Error(`Connector file ${path} cannot be used: ${problem}`, cause === undefined ? undefined : { cause });
  try {
    const read = /^\s*[{[]/.test(text) ? fromJson(text) : { config: parseProperties(text) };
    return named(read);
  } catch (cause) {
    throw refuse((cause as Error).message, cause);
  }
}

interface Read {
  readonly name?: string | undefined;
  readonly config: Record<string, string>;
  readonly initial_state?: ConnectorFile["initialState"] | undefined;
}

function fromJson(text: string): Read {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("a JSON object is expected");
  if ("config" in value && typeof value.config === "object") return checked(creation, value);
  return { config: checked(configOf, value) };
}

/** The engine's own message quotes the text, which may hold a password: only the position is kept. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /position \d+/.exec((error as Error).message)?.[0];
    throw new Error(position === undefined ? "it is not valid JSON" : `it is not valid JSON, at ${position}`);
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`.trim()).join("; "));
}

function named({ name: given, config, initial_state }: Read): ConnectorFile {
  const name = (given ?? config.name ?? "").trim();
  if (name === "") throw new Error(`Missing required configuration "name" which has no default value.`);
  if (config.name !== undefined && config.name !== name) {
    throw new Error(`Connector name configuration (${config.name}) doesn't match connector name (${name})`);
  }
  return { name, config: { ...config, name }, initialState: initial_state ?? null };
}
