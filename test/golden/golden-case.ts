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

/** The cases of a file's text, one a line. */
export function parseCases(text: string): GoldenCase[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as GoldenCase);
}
