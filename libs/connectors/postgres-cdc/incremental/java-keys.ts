// Pure: keys of an incremental snapshot as Debezium's offsets hold them: an Object[] by Java's serialization, in hexadecimal.
// https://docs.oracle.com/en/java/javase/21/docs/specs/serialization/protocol.html
import { DataError } from "@millrace/connect";

/** Text of a value as Postgres writes it, or null. */
export type KeyParts = readonly (string | null)[];

const MAGIC = Buffer.from("aced0005", "hex");
const TC = { null: 0x70, reference: 0x71, class: 0x72, object: 0x73, string: 0x74, array: 0x75, end: 0x78, long: 0x7c };
const FIRST_HANDLE = 0x7e0000;
const SERIALIZABLE = 2;

interface Boxed {
  readonly name: string;
  readonly uid: string;
  readonly code: string;
  readonly bytes: number;
  write(into: Buffer, text: string): void;
  read(from: Buffer, at: number): string;
}

const INTEGER: Boxed = {
  name: "java.lang.Integer",
  uid: "12e2a0a4f7818738",
  code: "I",
  bytes: 4,
  write: (into, text) => void into.writeInt32BE(Number(text)),
  read: (from, at) => String(from.readInt32BE(at)),
};
const LONG: Boxed = {
  name: "java.lang.Long",
  uid: "3b8be490cc8f23df",
  code: "J",
  bytes: 8,
  write: (into, text) => void into.writeBigInt64BE(BigInt(text)),
  read: (from, at) => String(from.readBigInt64BE(at)),
};
const BOXES: Readonly<Record<string, Boxed>> = { int2: INTEGER, int4: INTEGER, int8: LONG, oid: LONG };
const NUMBER = { name: "java.lang.Number", uid: "86ac951d0b94e08b" };
const OBJECTS = { name: "[Ljava.lang.Object;", uid: "90ce589f1073296c" };

/** `types`: names of the parts' types; whole numbers are Integer or Long, all else is its text. Null: a key not known yet. */
export function writeKeys(parts: KeyParts | null, types: readonly string[]): string {
  if (parts === null) return Buffer.concat([MAGIC, Buffer.from([TC.null])]).toString("hex");
  const seen = new Map<string, number>();
  let handles = 0;
  const out: Buffer[] = [MAGIC];
  const description = ({ name, uid }: { name: string; uid: string }, fields: Buffer, parent: () => void) => {
    const known = seen.get(name);
    if (known !== undefined) {
      out.push(Buffer.from([TC.reference]), int32(FIRST_HANDLE + known));
      return;
    }
    seen.set(name, handles++);
    out.push(Buffer.from([TC.class]), utf(name), Buffer.from(uid, "hex"), Buffer.from([SERIALIZABLE]), fields);
    out.push(Buffer.from([TC.end]));
    parent();
  };
  const none = () => {
    out.push(Buffer.from([TC.null]));
  };
  const noFields = Buffer.from([0, 0]);
  out.push(Buffer.from([TC.array]));
  description(OBJECTS, noFields, none);
  handles++;
  out.push(int32(parts.length));
  for (const [i, text] of parts.entries()) {
    const box = BOXES[types[i]!];
    if (text === null) none();
    else if (box === undefined) out.push(javaString(text));
    else {
      out.push(Buffer.from([TC.object]));
      const field = Buffer.concat([Buffer.from([0, 1]), Buffer.from(box.code, "latin1"), utf("value")]);
      description(box, field, () => description(NUMBER, noFields, none));
      const value = Buffer.alloc(box.bytes);
      box.write(value, text);
      out.push(value);
    }
    if (text !== null) handles++;
  }
  return Buffer.concat(out).toString("hex");
}

/** @throws DataError for classes other than those above, as keys of other types have in Debezium. */
export function readKeys(hex: string): (string | null)[] | null {
  const bytes = Buffer.from(hex, "hex");
  if (!bytes.subarray(0, 4).equals(MAGIC)) throw unreadable("not a serialized object");
  return new KeyReader(bytes).keys();
}

class KeyReader {
  readonly #bytes: Buffer;
  #at = MAGIC.length;
  /** What later parts may refer to: names of classes, and texts. */
  readonly #handles: (string | null)[] = [];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  keys(): (string | null)[] | null {
    const tag = this.#byte();
    if (tag === TC.null) return null;
    if (tag !== TC.array) throw unreadable("not an array");
    this.#class();
    this.#handles.push(null);
    const length = this.#bytes.readInt32BE(this.#skip(4));
    return Array.from({ length }, () => this.#value());
  }

  #value(): string | null {
    const tag = this.#byte();
    switch (tag) {
      case TC.null:
        return null;
      case TC.reference:
        return this.#reference();
      case TC.string:
        return this.#remembered(this.#text(this.#uint16()));
      case TC.long:
        return this.#remembered(this.#text(Number(this.#bytes.readBigInt64BE(this.#skip(8)))));
      case TC.object: {
        const name = this.#class();
        const box = [INTEGER, LONG].find((each) => each.name === name);
        if (box === undefined) throw unreadable(`class ${name}`);
        this.#handles.push(null);
        return box.read(this.#bytes, this.#skip(box.bytes));
      }
      default:
        throw unreadable(`tag ${tag}`);
    }
  }

  /** Its name; null at the end of the parents. */
  #class(): string | null {
    const tag = this.#byte();
    if (tag === TC.null) return null;
    if (tag === TC.reference) return this.#reference();
    if (tag !== TC.class) throw unreadable(`tag ${tag} for a class`);
    const name = this.#remembered(this.#text(this.#uint16()));
    this.#skip(9);
    for (let left = this.#uint16(); left > 0; left--) {
      this.#skip(1);
      this.#text(this.#uint16());
    }
    this.#skip(1);
    this.#class();
    return name;
  }

  #reference(): string | null {
    return this.#handles[this.#bytes.readInt32BE(this.#skip(4)) - FIRST_HANDLE] ?? null;
  }

  #remembered(text: string): string {
    this.#handles.push(text);
    return text;
  }

  #text(length: number): string {
    const from = this.#skip(length);
    return this.#bytes.toString("utf8", from, from + length);
  }

  #uint16(): number {
    return this.#bytes.readUInt16BE(this.#skip(2));
  }

  #byte(): number {
    return this.#bytes.readUInt8(this.#skip(1));
  }

  /** Where the next `length` bytes begin. */
  #skip(length: number): number {
    const from = this.#at;
    this.#at += length;
    return from;
  }
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function utf(text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function javaString(text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length <= 0xffff) return Buffer.concat([Buffer.from([TC.string]), utf(text)]);
  const length = Buffer.alloc(8);
  length.writeBigInt64BE(BigInt(bytes.length));
  return Buffer.concat([Buffer.from([TC.long]), length, bytes]);
}

function unreadable(what: string): DataError {
  return new DataError(`The key of an incremental snapshot in the stored offset cannot be read: ${what}.`);
}
