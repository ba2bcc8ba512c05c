// Pure: names of tables as signals and settings give them.

export interface TableId {
  readonly schema: string;
  readonly name: string;
}

const PART = '(?:"((?:[^"]|"")+)"|([^."]+))';
const ID = new RegExp(`^${PART}\\.(?:"((?:[^"]|"")+)"|([^"]+))$`);

/** Of `schema.table`, each quoted or not; null for anything else. */
export function parseTableId(text: string): TableId | null {
  const match = ID.exec(text.trim());
  if (match === null) return null;
  const part = (quoted: string | undefined, plain: string | undefined) => quoted?.replaceAll('""', '"') ?? plain!;
  return { schema: part(match[1], match[2]), name: part(match[3], match[4]) };
}

/** Every table that an expression matches in full, once; an expression without one stands for itself. */
export function expandCollections(expressions: readonly string[], ids: readonly string[]): string[] {
  const found = expressions.flatMap((expression) => {
    const pattern = new RegExp(`^(?:${expression})$`);
    const matching = ids.filter((id) => pattern.test(id));
    return matching.length === 0 ? [expression] : matching;
  });
  return [...new Set(found)];
}
