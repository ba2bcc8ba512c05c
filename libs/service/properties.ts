// Pure: text in Java's .properties format.

const SEPARATOR = /[=:\s]/;

/**
 * Reads what `java.util.Properties.load` reads: comments (`#`, `!`), lines continued by a backslash, keys ended by `=`, `:`
 * or space, and the escapes `\t \n \r \f \uXXXX`. A later key replaces an earlier one. Values keep trailing spaces.
 * @throws Error for a malformed `\u` escape, naming the key's line.
 */
export function parseProperties(text: string): Record<string, string> {
  const properties: Record<string, string> = Object.create(null);
  for (const { line, number } of logicalLines(text)) {
    const keyEnd = endOfKey(line);
    const rest = line.slice(keyEnd).replace(/^[ \t\f]*/, "");
    const value = /^[=:]/.test(rest) ? rest.slice(1).replace(/^[ \t\f]*/, "") : rest;
    properties[withoutEscapes(line.slice(0, keyEnd), number)] = withoutEscapes(value, number);
  }
  return { ...properties };
}

function logicalLines(text: string): { line: string; number: number }[] {
  const lines: { line: string; number: number }[] = [];
  let joined: { line: string; number: number } | null = null;
  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const line = raw.replace(/^[ \t\f]*/, "");
    if (joined === null && (line === "" || line.startsWith("#") || line.startsWith("!"))) continue;
    const current: { line: string; number: number } = joined ?? { line: "", number: index + 1 };
    const continued = endsWithBackslash(line);
    current.line += continued ? line.slice(0, -1) : line;
    joined = continued ? current : null;
    if (!continued) lines.push(current);
  }
  if (joined !== null && joined.line !== "") lines.push(joined);
  return lines;
}

/** An even number of backslashes at the end is so many escaped backslashes. */
function endsWithBackslash(line: string): boolean {
  return (/\\*$/.exec(line)?.[0].length ?? 0) % 2 === 1;
}

function endOfKey(line: string): number {
  for (let i = 0; i < line.length; i++) {
    if (line[i] === "\\") i++;
    else if (SEPARATOR.test(line[i]!)) return i;
  }
  return line.length;
}

const ESCAPES: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f" };

function withoutEscapes(text: string, lineNumber: number): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (_, code: string) => {
    if (code.length === 5) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (code === "u") throw new Error(`line ${lineNumber}: malformed \\uxxxx encoding: four hex digits follow \\u`);
    return ESCAPES[code] ?? code;
  });
}
