import { HttpError, routingMessage } from "./errors.ts";
import { unreadable } from "./json-body.ts";

/**
 * The body's text, or null when it is empty. A body must say it is JSON (a wrong type was refused before); none need not.
 * @throws HttpError 413 above `bytesMax`, 415 for a body without a content type, 500 for one that is not UTF-8: read
 * leniently, it would name another connector than its sender meant.
 */
export async function readBody(request: Request, bytesMax: number): Promise<string | null> {
  const bytes = await readBytes(request, bytesMax);
  if (bytes.length === 0) return null;
  if (!request.headers.has("content-type")) throw new HttpError(415, routingMessage(415));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unreadable("The request body is not valid UTF-8. JSON is UTF-8, whatever charset the content type names");
  }
}

async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) throw tooLarge(bytesMax);
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > bytesMax) {
      await reader.cancel();
      throw tooLarge(bytesMax);
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function tooLarge(bytesMax: number): HttpError {
  return new HttpError(
    413,
    `The request body has more than ${bytesMax} bytes, the most that fits one message between services. Shorten the configuration, for instance by moving long values into files read with a config provider`,
  );
}
