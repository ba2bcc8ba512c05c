const PARSED = 0x31;
const COMPLETE = 0x43;
const ERROR = 0x45;
const READY = 0x5a;
const HEADER_BYTES = 5;

/** What the server says, as far as a sender of statements needs to know. */
export type PostgresAnswer =
  | { readonly kind: "parsed" | "ready" }
  /** A statement is done; `changed`: rows. */
  | { readonly kind: "done"; readonly changed: number }
  | { readonly kind: "error"; readonly error: Error };

/** Cuts what comes from the server into its answers. */
export class Answers {
  readonly #take: (answer: PostgresAnswer) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(take: (answer: PostgresAnswer) => void) {
    this.#take = take;
  }

  receive(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at + HEADER_BYTES <= bytes.length) {
      const end = at + 1 + bytes.readUInt32BE(at + 1);
      if (end > bytes.length) break;
      const answer = answerOf(bytes[at]!, bytes.subarray(at + HEADER_BYTES, end));
      at = end;
      if (answer !== null) this.#take(answer);
    }
    this.#rest = bytes.subarray(at);
  }
}

function answerOf(type: number, body: Buffer): PostgresAnswer | null {
  switch (type) {
    case PARSED:
      return { kind: "parsed" };
    case READY:
      return { kind: "ready" };
    case COMPLETE:
      // `INSERT 0 12`, `UPDATE 12`, `BEGIN`
      return { kind: "done", changed: Number(/\d+(?=\0$)/.exec(body.toString("latin1"))?.[0] ?? 0) };
    case ERROR:
      return { kind: "error", error: errorOf(body) };
    default:
      return null;
  }
}

/** As the driver's own errors: `code` is the SQLSTATE. */
function errorOf(body: Buffer): Error {
  const fields = new Map(
    body
      .toString("utf8")
      .split("\0")
      .map((field) => [field[0], field.slice(1)]),
  );
  return Object.assign(new Error(fields.get("M")), {
    name: "PostgresError",
    code: fields.get("C"),
    severity: fields.get("V") ?? fields.get("S"),
    detail: fields.get("D"),
    hint: fields.get("H"),
    where: fields.get("W"),
    schema_name: fields.get("s"),
    table_name: fields.get("t"),
    column_name: fields.get("c"),
    constraint_name: fields.get("n"),
  });
}
