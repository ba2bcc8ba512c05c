// Pure: versions in Maven's order, which is the one Connect's plugin versions follow.

/** A list stands for what follows a hyphen, or a change between digits and letters. */
type Item = bigint | string | readonly Item[];

const QUALIFIERS = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];
const RELEASES = new Set(["ga", "final", "release"]);
/** What a single letter before a digit means. */
const LETTERS: Readonly<Record<string, string>> = { a: "alpha", b: "beta", m: "milestone" };

/**
 * Below, equal to or above 0: as `a` is older than `b`, the same, or newer. `1`, `1.0` and `1-ga` are the same; `1-alpha` <
 * `1-rc` < `1-SNAPSHOT` < `1` < `1-sp` < `1-anything` < `1-1` < `1.1`.
 */
export function compareVersions(a: string, b: string): number {
  return compareLists(parse(a), parse(b));
}

function parse(version: string): readonly Item[] {
  const top: Item[] = [];
  const open: Item[][] = [top];
  let list = top;
  const descend = (): void => {
    const child: Item[] = [];
    list.push(child);
    open.push(child);
    list = child;
  };
  const text = version.toLowerCase();
  let digits = false;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === "." || char === "-") {
      list.push(i === start ? 0n : itemOf(digits, text.slice(start, i)));
      start = i + 1;
      if (char === "-") descend();
    } else if (char >= "0" && char <= "9") {
      if (!digits && i > start) {
        // A qualifier counts as if a hyphen stood before it: 1.0.0.X1 < 1.0.0-X2.
        if (list.length > 0) descend();
        const word = text.slice(start, i);
        list.push(qualifier(LETTERS[word] ?? word));
        start = i;
        descend();
      }
      digits = true;
    } else {
      if (digits && i > start) {
        list.push(itemOf(true, text.slice(start, i)));
        start = i;
        descend();
      }
      digits = false;
    }
  }
  if (start < text.length) {
    if (!digits && list.length > 0) descend();
    list.push(itemOf(digits, text.slice(start)));
  }
  for (const each of open.reverse()) normalize(each);
  return top;
}

function itemOf(digits: boolean, text: string): Item {
  return digits ? BigInt(text) : qualifier(text);
}

function qualifier(word: string): string {
  if (word === "cr") return "rc";
  return RELEASES.has(word) ? "" : word;
}

/** Zeros, releases and empty lists at the end of a part say nothing. */
function normalize(list: Item[]): void {
  for (let i = list.length - 1; i >= 0; i--) {
    if (isNull(list[i]!)) list.splice(i, 1);
    else if (!Array.isArray(list[i])) return;
  }
}

function isNull(item: Item): boolean {
  return typeof item === "bigint" ? item === 0n : item.length === 0;
}

function compareLists(a: readonly Item[], b: readonly Item[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = compareItems(a[i], b[i]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** undefined: that version has ended. Of different kinds: qualifier < list < number. */
function compareItems(a: Item | undefined, b: Item | undefined): number {
  if (a === undefined) return b === undefined ? 0 : -compareItems(b, undefined);
  if (typeof a === "bigint") {
    if (b === undefined) return a === 0n ? 0 : 1;
    return typeof b === "bigint" ? Number(a > b) - Number(a < b) : 1;
  }
  if (typeof a === "string") {
    if (b !== undefined && typeof b !== "string") return -1;
    const [left, right] = [rank(a), rank(b ?? "")];
    return Number(left > right) - Number(left < right);
  }
  if (b === undefined) return compareLists(a, []);
  if (typeof b === "bigint") return -1;
  return typeof b === "string" ? 1 : compareLists(a, b);
}

/** Texts in the order of qualifiers; those that nobody knows come last, by themselves. */
function rank(word: string): string {
  const known = QUALIFIERS.indexOf(word);
  return known < 0 ? `${QUALIFIERS.length}-${word}` : String(known);
}
