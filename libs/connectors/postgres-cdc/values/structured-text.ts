// Pure: arrays, hstore and points, as Postgres writes them.

/** Elements of `{a,"b c",NULL}` as text; those of inner arrays are arrays. @throws RangeError when it is no array. */
export function arrayElements(text: string, delimiter: string): unknown[] {
  let at = 0;
  if (text[0] === "[") at = text.indexOf("=") + 1;
  const value = nested();
  if (at !== text.length) throw new RangeError(`not an array: ${text}`);
  return value;

  function nested(): unknown[] {
    const found: unknown[] = [];
    at++;
    if (text[at] === "}") {
      at++;
      return found;
    }
    for (;;) {
      found.push(element());
      const next = text[at++];
      if (next === "}") return found;
      if (next !== delimiter) throw new RangeError(`not an array: ${text}`);
    }
  }

  function element(): unknown {
    if (text[at] === "{") return nested();
    if (text[at] === '"') return quoted();
    let plain = "";
    const start = at;
    while (at < text.length && text[at] !== delimiter && text[at] !== "}") {
      if (text[at] === "\\") at++;
      plain += text[at++];
    }
    return at - start === 4 && plain.toUpperCase() === "NULL" ? null : plain;
  }

  function quoted(): string {
    const start = ++at;
    let plain = true;
    while (text[at] !== '"') {
      if (at >= text.length) throw new RangeError(`not an array: ${text}`);
      if (text[at] === "\\") {
        plain = false;
        at++;
      }
      at++;
    }
    const inner = text.slice(start, at++);
    return plain ? inner : inner.replace(/\\(.)/gs, "$1");
  }
}

/** Of `"a"=>"1", "b"=>NULL`, in its order. */
export function hstoreEntries(text: string): [string, string | null][] {
  const found: [string, string | null][] = [];
  for (const match of text.matchAll(/"((?:[^"\\]|\\.)*)"=>(?:"((?:[^"\\]|\\.)*)"|NULL)/gs)) {
    const plain = (each: string) => each.replace(/\\(.)/gs, "$1");
    found.push([plain(match[1]!), match[2] === undefined ? null : plain(match[2])]);
  }
  return found;
}

/** As Debezium writes hstore as JSON. */
export function hstoreJson(text: string): string {
  const members = hstoreEntries(text).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return `{${members.join(",")}}`;
}

/** Of `(1.5,-2.25)`. */
export function pointNumbers(text: string): readonly [x: number, y: number] {
  const [x = 0, y = 0] = text.replace(/[()]/g, "").split(",").map(Number);
  return [x, y];
}

/** Well-known binary of a point, little-endian. */
export function pointWkb(x: number, y: number): Uint8Array {
  const bytes = Buffer.alloc(21);
  bytes[0] = 1;
  bytes.writeUInt32LE(1, 1);
  bytes.writeDoubleLE(x, 5);
  bytes.writeDoubleLE(y, 13);
  return bytes;
}
