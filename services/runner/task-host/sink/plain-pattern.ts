// Pure: the Java patterns of topic names that mean the same in any dialect.

/** Letters, classes, groups, alternatives and counts; nothing lazy, possessive, empty, looking around or referring back. */
const ATOM = /^(?:[A-Za-z0-9_-]|\\[.dw-]|\.|\[(?:[A-Za-z0-9._](?:-[A-Za-z0-9])?)+-?\])(?:[*+?]|\{\d+(?:,\d*)?\})?/;
const GROUP_START = /^\((?:\?:)?/;
const GROUP_END = /^\)(?:[*+?]|\{\d+(?:,\d*)?\})?/;

/** @returns false where brokers' clients and Java might not agree on what the pattern matches. */
export function isPlainPattern(pattern: string): boolean {
  let depth = 0;
  let empty = true;
  for (let rest = pattern; rest !== ""; ) {
    const open: string | undefined = GROUP_START.exec(rest)?.[0];
    const close: string | undefined = open === undefined && !empty && depth > 0 ? GROUP_END.exec(rest)?.[0] : undefined;
    const or: string | undefined = rest.startsWith("|") && !empty ? "|" : undefined;
    const token = open ?? close ?? or ?? ATOM.exec(rest)?.[0];
    if (token === undefined) return false;
    if (open !== undefined) depth++;
    if (close !== undefined) depth--;
    empty = open !== undefined || or !== undefined;
    rest = rest.slice(token.length);
  }
  return depth === 0 && !empty;
}
