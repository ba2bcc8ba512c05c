// Pure: names of tables, which of them to read, and who reads which.

/** A database without catalogs or schemas leaves those parts empty. */
export interface TableId {
  readonly catalog: string;
  readonly schema: string;
  readonly name: string;
}

/** `catalog.schema.table`, as source partitions hold it. */
export function plainName(id: TableId): string {
  return [id.catalog, id.schema, id.name].filter((part) => part !== "").join(".");
}

/** `"catalog"."schema"."table"`, as task configs hold it. */
export function quotedName(id: TableId): string {
  return [id.catalog, id.schema, id.name].map((part) => `"${part.replaceAll('"', '""')}"`).join(".");
}

/** The reverse of `quotedName` for a comma-separated list. */
export function parseQuotedNames(text: string): TableId[] {
  const parts = [...text.matchAll(/"((?:[^"]|"")*)"/g)].map((match) => match[1]!.replaceAll('""', '"'));
  const ids: TableId[] = [];
  for (let i = 0; i + 2 < parts.length; i += 3) {
    ids.push({ catalog: parts[i]!, schema: parts[i + 1]!, name: parts[i + 2]! });
  }
  return ids;
}

/** The ways a setting may name a table. */
export function nameForms(id: TableId): string[] {
  const qualifier = id.schema || id.catalog;
  return [id.name, `${qualifier}.${id.name}`, plainName(id), quotedName(id)];
}

export interface TableFilter {
  /** Exact names: `table`, `schema.table` or `catalog.schema.table`. Empty: no restriction. */
  readonly whitelist: readonly string[];
  readonly blacklist: readonly string[];
  /** Regular expressions for the same forms of a name. */
  readonly includeList: readonly string[];
  readonly excludeList: readonly string[];
  /** LIKE patterns; null: any. */
  readonly schemaPattern: string | null;
  readonly catalogPattern: string | null;
}

export function selectTables(tables: readonly TableId[], filter: TableFilter): TableId[] {
  const include = filter.includeList.map((pattern) => new RegExp(`^(?:${pattern})$`));
  const exclude = filter.excludeList.map((pattern) => new RegExp(`^(?:${pattern})$`));
  return tables.filter((id) => {
    const forms = nameForms(id);
    return (
      (filter.whitelist.length === 0 || forms.some((form) => filter.whitelist.includes(form))) &&
      !forms.some((form) => filter.blacklist.includes(form)) &&
      (include.length === 0 || forms.some((form) => include.some((regex) => regex.test(form)))) &&
      !forms.some((form) => exclude.some((regex) => regex.test(form))) &&
      like(id.schema, filter.schemaPattern) &&
      like(id.catalog, filter.catalogPattern)
    );
  });
}

/** Table names that occur in more than one schema: they would share a topic. */
export function duplicateNames(tables: readonly TableId[]): string[] {
  const names = tables.map((id) => id.name);
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
}

/** As Connect's ConnectorUtils.groupPartitions: contiguous groups, the first ones larger by one where it does not divide. */
export function groupTables<T>(items: readonly T[], groups: number): T[][] {
  const smaller = Math.floor(items.length / groups);
  const larger = items.length % groups;
  const start = (group: number) => group * smaller + Math.min(group, larger);
  return Array.from({ length: groups }, (_, group) => items.slice(start(group), start(group + 1)));
}

function like(text: string, pattern: string | null): boolean {
  if (pattern === null || text === "") return true;
  const regex = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll("%", ".*")
    .replaceAll("_", ".");
  return new RegExp(`^${regex}$`).test(text);
}
