// Pure: the shape of a recorded case.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export interface Typed {
  readonly schema: JsonObject | null;
  readonly payload: Json;
}

export interface GoldenRecord {
  readonly recordType: "sink" | "source";
  readonly topic: string;
  readonly partition: number | null;
  readonly key: Typed;
  readonly value: Typed;
  readonly headers: readonly { readonly key: string; readonly value: Typed }[];
  readonly timestamp: number | null;
  /** With a sink record only. */
  readonly kafkaOffset?: number;
}

export interface ExpectedError {
  /** `configure`, or the call itself. */
  readonly stage: string;
  readonly class: string;
  readonly message: string | null;
  readonly match: "message" | "message-jvm" | "class";
}

/** Which of the inputs there are depends on `kind`, as does what is expected: see README.md. */
export interface GoldenCase {
  readonly id: string;
  readonly group: string;
  readonly kind: string;
  readonly class: string;
  readonly config: Readonly<Record<string, string>>;
  readonly as?: "header";
  readonly isKey: boolean;
  readonly topic: string;
  readonly headerKey: string;
  readonly record: GoldenRecord;
  readonly data: Typed;
  readonly bytes: string | null;
  readonly input: string | null;
  readonly method: string;
  readonly scale?: number;
  readonly target: JsonObject;
  readonly expect: {
    readonly error?: ExpectedError;
    readonly record?: GoldenRecord | null;
    readonly result?: boolean;
    readonly bytes?: string | null;
    readonly utf8?: string;
    readonly data?: Typed | null;
    readonly value?: Json;
    readonly schema?: JsonObject | null;
    readonly ok?: boolean;
    readonly configs?: readonly JsonObject[];
  };
}

/** A line that is no case. */
interface BadLine {
  /** From 1. */
  readonly number: number;
  readonly problem: string;
}

/** The cases of a file's text, one a line. Blank lines, a byte order mark and either end of line are passed over. */
export function parseCases(text: string): { readonly cases: readonly GoldenCase[]; readonly bad: readonly BadLine[] } {
  const cases: GoldenCase[] = [];
  const bad: BadLine[] = [];
  for (const [i, line] of text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === "") continue;
    const parsed = parseLine(line);
    if (typeof parsed === "string") bad.push({ number: i + 1, problem: parsed });
    else cases.push(parsed);
  }
  return { cases, bad };
}

/** The case, or what is wrong with the line. */
function parseLine(line: string): GoldenCase | string {
  let json: Json;
  try {
    json = JSON.parse(line) as Json;
  } catch (error) {
    return `no JSON: ${(error as Error).message}`;
  }
  if (json === null || typeof json !== "object" || Array.isArray(json)) return "no case: a JSON object is one";
  const { id, kind, expect } = json as JsonObject;
  if (typeof id !== "string" || typeof kind !== "string") return "no case: it needs an id and a kind, both text";
  if (expect === null || typeof expect !== "object") return `no case: ${id} has no expect, an object`;
  return json as unknown as GoldenCase;
}
