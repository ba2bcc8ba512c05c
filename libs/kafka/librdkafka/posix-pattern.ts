// Pure: a topic pattern in JavaScript's syntax to the POSIX extended syntax that librdkafka matches with.

const CLASSES: Readonly<Record<string, string>> = {
  d: "0-9",
  w: "A-Za-z0-9_",
  s: " \\t",
};

/** Covers classes, non-capturing groups and anchors; librdkafka takes a name for a pattern only when it begins with `^`. */
export function toPosixPattern(source: string): string {
  const posix = source
    .replaceAll("(?:", "(")
    .replace(
      /\[([^\]]*)\]/g,
      (_all, inside: string) => `[${inside.replace(/\\([dws])/g, (_, c: string) => CLASSES[c]!)}]`,
    )
    .replace(/\\([dws])/g, (_, c: string) => `[${CLASSES[c]}]`);
  return posix.startsWith("^") ? posix : `^.*(${posix})`;
}
