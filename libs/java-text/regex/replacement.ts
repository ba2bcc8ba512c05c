// Pure: the replacement texts of Java's Matcher.
import { NoGroupError, ReplacementError } from "../text-errors.ts";

interface Groups {
  readonly groupCount: number;
  readonly groupNames: ReadonlyMap<string, number>;
}

/** A replacement read once: text, and numbers of groups. */
export class Replacement {
  readonly #parts: readonly (string | number)[];

  /** @throws ReplacementError for what is no reference, NoGroupError for a group the pattern has not. */
  constructor(replacement: string, groups: Groups) {
    const parts: (string | number)[] = [];
    for (let at = 0; at < replacement.length; ) {
      const char = replacement[at]!;
      if (char === "\\") {
        const escaped = replacement[at + 1];
        if (escaped === undefined) throw new ReplacementError("character to be escaped is missing");
        parts.push(escaped);
        at += 2;
      } else if (char === "$") {
        const { group, end } = readReference(replacement, at + 1, groups);
        if (group > groups.groupCount) throw new NoGroupError(`No group ${group}`);
        parts.push(group);
        at = end;
      } else {
        parts.push(char);
        at += 1;
      }
    }
    this.#parts = parts;
  }

  /** A group without a match is nothing. */
  expand(match: { group(number: number): string | null }): string {
    let text = "";
    for (const part of this.#parts) text += typeof part === "string" ? part : (match.group(part) ?? "");
    return text;
  }
}

function readReference(text: string, at: number, groups: Groups): { group: number; end: number } {
  const char = text[at];
  if (char === undefined) throw new ReplacementError("Illegal group reference: group index is missing");
  if (char === "{") return readNamed(text, at + 1, groups);
  if (!isDigit(char)) throw new ReplacementError("Illegal group reference");
  let group = Number(char);
  let end = at + 1;
  // Further digits belong to the number as long as there is such a group.
  for (; isDigit(text[end]); end++) {
    const longer = group * 10 + Number(text[end]);
    if (longer > groups.groupCount) break;
    group = longer;
  }
  return { group, end };
}

function readNamed(text: string, from: number, groups: Groups): { group: number; end: number } {
  const name = /^[a-zA-Z0-9]*/.exec(text.slice(from))![0];
  const end = from + name.length;
  if (name === "") throw new ReplacementError("named capturing group has 0 length name");
  if (text[end] !== "}") throw new ReplacementError("named capturing group is missing trailing '}'");
  if (isDigit(name[0])) {
    throw new ReplacementError(`capturing group name {${name}} starts with digit character`);
  }
  const group = groups.groupNames.get(name);
  if (group === undefined) throw new ReplacementError(`No group with name {${name}}`);
  return { group, end: end + 1 };
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= "0" && char <= "9";
}
