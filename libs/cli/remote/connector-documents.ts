// Pure: connectors out of the text of files, in every form that people keep them in.
import { connectorConfigFromFile } from "@millrace/service/connector-file";

export interface DesiredConnector {
  readonly name: string;
  readonly config: Readonly<Record<string, string>>;
  /** null: not said. */
  readonly state: "RUNNING" | "PAUSED" | "STOPPED" | null;
  /** The file names the state that it should have, not only its first one. */
  readonly keepsState: boolean;
  readonly file: string;
}

/** Parses YAML with several documents; JSON is YAML too. */
export type ParseYaml = (text: string) => readonly unknown[];

const extensions = /\.(json|ya?ml|properties)$/i;

export const isConnectorFile = (file: string): boolean => extensions.test(file);

/**
 * A .properties file is one connector. JSON and YAML hold one or a list of: `{name, config}`, a flat map with `name`, or
 * Strimzi's KafkaConnector; other kinds are passed over.
 * @throws Error naming the file and what is wrong.
 */
export function connectorsIn(file: string, text: string, parseYaml: ParseYaml): DesiredConnector[] {
  if (/\.properties$/i.test(file)) return [plain(file, text)];
  return documents(file, text, parseYaml)
    .flatMap((document) => (Array.isArray(document) ? document : [document]))
    .flatMap((document) => fromDocument(file, document));
}

function documents(file: string, text: string, parseYaml: ParseYaml): readonly unknown[] {
  try {
    return parseYaml(text);
  } catch (cause) {
    throw new Error(`${file} cannot be read: ${(cause as Error).message.split("\n")[0]}`, { cause });
  }
}

function fromDocument(file: string, document: unknown): DesiredConnector[] {
  if (document === null || document === undefined) return [];
  if (typeof document !== "object") throw new Error(`${file}: expected a connector, found ${JSON.stringify(document)}`);
  if (!("kind" in document && "apiVersion" in document)) return [plain(file, JSON.stringify(document))];
  return document.kind === "KafkaConnector" ? [fromStrimzi(file, document as Strimzi)] : [];
}

function plain(file: string, text: string): DesiredConnector {
  const { name, config, initialState } = connectorConfigFromFile(file, text);
  return { name, config, state: initialState, keepsState: false, file };
}

interface Strimzi {
  readonly metadata?: { readonly name?: string };
  readonly spec?: {
    readonly class?: string;
    readonly tasksMax?: number;
    readonly config?: Readonly<Record<string, unknown>>;
    readonly state?: string;
    readonly pause?: boolean;
  };
}

function fromStrimzi(file: string, { metadata = {}, spec = {} }: Strimzi): DesiredConnector {
  const { class: className, tasksMax, config = {}, pause } = spec;
  const all = {
    ...(className === undefined ? {} : { "connector.class": className }),
    ...(tasksMax === undefined ? {} : { "tasks.max": tasksMax }),
    ...config,
  };
  const initial_state = spec.state ?? (pause === true ? "PAUSED" : "RUNNING");
  const read = plain(file, JSON.stringify({ name: metadata.name, config: all, initial_state }));
  return { ...read, keepsState: true };
}
