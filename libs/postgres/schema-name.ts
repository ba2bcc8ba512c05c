// Pure: which Postgres schema holds a cluster's tables.

const plainGroupId = /^[a-z0-9]+(_[a-z0-9]+)*$/;
const readableLengthMax = 30;

/**
 * One schema per cluster, so that several clusters can share a database. A lower-case group id shows unchanged
 * (`orders` → `millrace_orders`); any other is made readable and told apart by a hash behind two underscores
 * (`Connect-Cluster` → `millrace_connect_cluster__89ab…`), which a plain one never has. At most 57 of Postgres's 63 bytes.
 */
export function schemaName(groupId: string): string {
  if (plainGroupId.test(groupId) && groupId.length <= readableLengthMax) return `millrace_${groupId}`;
  const readable = groupId
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .slice(0, readableLengthMax)
    .replace(/^_+|_+$/g, "");
  return `millrace_${readable}__${fnv1a64(groupId)}`;
}

/** FNV-1a over the UTF-8 bytes, 16 hexadecimal digits. */
function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, "0");
}
