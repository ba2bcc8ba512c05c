import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import { PgError } from "./pg-error.ts";

/** The client's side of SCRAM-SHA-256 (RFC 5802), without channel binding. */
export class Scram {
  readonly #password: string;
  readonly #nonce: string;
  #serverSignature: Buffer = Buffer.alloc(0);

  constructor(password: string, nonce = randomBytes(18).toString("base64")) {
    this.#password = password.normalize("NFKC");
    this.#nonce = nonce;
  }

  first(): string {
    return `n,,n=,r=${this.#nonce}`;
  }

  /** Answers the server's challenge. @throws PgError when it is none. */
  final(challenge: string): string {
    const fields = attributes(challenge);
    const nonce = fields.get("r") ?? "";
    const salt = fields.get("s");
    const rounds = Number(fields.get("i"));
    if (!nonce.startsWith(this.#nonce) || salt === undefined || !(rounds > 0)) {
      throw new PgError("The server's SCRAM challenge is not valid.", { state: "28000" });
    }
    const salted = pbkdf2Sync(this.#password, Buffer.from(salt, "base64"), rounds, 32, "sha256");
    const clientKey = hmac(salted, "Client Key");
    const withoutProof = `c=biws,r=${nonce}`;
    const signed = `n=,r=${this.#nonce},${challenge},${withoutProof}`;
    const signature = hmac(createHash("sha256").update(clientKey).digest(), signed);
    const proof = clientKey.map((byte, i) => byte ^ signature[i]!);
    this.#serverSignature = hmac(hmac(salted, "Server Key"), signed);
    return `${withoutProof},p=${Buffer.from(proof).toString("base64")}`;
  }

  /** @throws PgError when the server does not know the password itself. */
  verify(answer: string): void {
    const given = Buffer.from(attributes(answer).get("v") ?? "", "base64");
    if (given.length !== this.#serverSignature.length || !timingSafeEqual(given, this.#serverSignature)) {
      throw new PgError("The server did not prove that it knows the password.", { state: "28000" });
    }
  }
}

function attributes(text: string): Map<string, string> {
  return new Map(text.split(",").map((part) => [part.slice(0, 1), part.slice(2)]));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
