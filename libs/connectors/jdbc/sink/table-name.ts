// Pure: the table a topic goes to, and its name in statements.
import { ConnectError } from "@millrace/connect";

export interface SinkTable {
  readonly catalog: string | null;
  readonly schema: string | null;
  readonly name: string;
}

const PLACEHOLDER = /\$\{topic\}/g;

/** @throws ConnectError for a topic that leaves no name. */
export function tableNameFor(topic: string, format: string): string {
  const name = format.replace(PLACEHOLDER, () => topic);
  if (name !== "") return name;
  throw new ConnectError(`Destination table name for topic '${topic}' is empty using the format string '${format}'`);
}

/** `table`, `schema.table` or `catalog.schema.table`; parts in double quotes or backticks may hold dots. */
export function parseTable(name: string, schemasAreCatalogs: boolean): SinkTable {
  const parts = splitName(name);
  if (parts.length === 0 || parts.length > 3) throw new ConnectError(`Invalid fully qualified name: '${name}'`);
  const table = parts.at(-1)!;
  if (parts.length === 3) return { catalog: parts[0]!, schema: parts[1]!, name: table };
  const qualifier = parts.length === 2 ? parts[0]! : null;
  return schemasAreCatalogs
    ? { catalog: qualifier, schema: null, name: table }
    : { catalog: null, schema: qualifier, name: table };
}

function splitName(name: string): string[] {
  const part = /(?:"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|([^."`]+))(\.|$)/y;
  const parts: string[] = [];
  while (part.lastIndex < name.length) {
    const match = part.exec(name);
    if (match === null) return [];
    parts.push(match[1]?.replaceAll('""', '"') ?? match[2]?.replaceAll("``", "`") ?? match[3]!);
    if (match[4] === "" && part.lastIndex < name.length) return [];
  }
  return parts;
}

/** As Confluent's errors show a table: `"schema"."table"`. */
export function tableText({ catalog, schema, name }: SinkTable): string {
  const parts = [catalog, schema, name].filter((part) => part !== null);
  return parts.map((part) => `"${part}"`).join(".");
}
