import type * as z from "zod";
import { HttpError } from "./errors.ts";
import { parseJsonObject } from "./json-body.ts";
import { readBody } from "./read-body.ts";

export interface OwnBodyOptions<T> {
  readonly schema: z.ZodType<T>;
  readonly bodyBytesMax: number;
}

/** The body of a request to Millrace's own paths. @throws HttpError 400 that names the first field which is wrong. */
export async function readOwnBody<T>(request: Request, { schema, bodyBytesMax }: OwnBodyOptions<T>): Promise<T> {
  const body = schema.safeParse(parsed(await readBody(request, bodyBytesMax)) ?? {});
  if (body.success) return body.data;
  const [issue] = body.error.issues;
  const where = issue!.path.length === 0 ? "The request body" : `"${issue!.path.join(".")}" in the request body`;
  throw new HttpError(400, `${where}: ${issue!.message}`);
}

function parsed(text: string | null): Record<string, unknown> | null {
  try {
    return parseJsonObject(text, "the request body");
  } catch (cause) {
    if (cause instanceof HttpError) throw new HttpError(400, cause.message, { cause });
    throw cause;
  }
}
