import { createHash } from "node:crypto";
import type { PostgresAddress } from "./address.ts";
import { frame, saslFirst } from "./messages.ts";
import { PgError } from "./pg-error.ts";
import { Scram } from "./scram.ts";

/** Answers the server's authentication requests. */
export class Authentication {
  readonly #address: PostgresAddress;
  #scram: Scram | null = null;

  constructor(address: PostgresAddress) {
    this.#address = address;
  }

  /** What to send for an Authentication message; null for nothing. @throws PgError for a kind not known here. */
  answer(bytes: Buffer, from: number, to: number): Buffer | null {
    const kind = bytes.readInt32BE(from);
    const text = () => bytes.toString("utf8", from + 4, to);
    switch (kind) {
      case 0:
        return null;
      case 3:
        return password(this.#password);
      case 5:
        return password(this.#md5(bytes.subarray(from + 4, from + 8)));
      case 10:
        if (!text().split("\0").includes("SCRAM-SHA-256")) break;
        this.#scram = new Scram(this.#password);
        return saslFirst("SCRAM-SHA-256", this.#scram.first());
      case 11:
        return frame("p", Buffer.from(this.#scram!.final(text())));
      case 12:
        this.#scram!.verify(text());
        return null;
    }
    throw new PgError(`The server asks for a kind of authentication (${kind}) that is not supported.`, {
      state: "28000",
    });
  }

  get #password(): string {
    if (this.#address.password !== null) return this.#address.password;
    throw new PgError("The server asks for a password: set database.password.", { state: "28P01" });
  }

  #md5(salt: Buffer): string {
    const hex = (data: string | Buffer) => createHash("md5").update(data).digest("hex");
    const inner = hex(this.#password + this.#address.user);
    return `md5${hex(Buffer.concat([Buffer.from(inner), salt]))}`;
  }
}

function password(text: string): Buffer {
  return frame("p", Buffer.from(`${text}\0`));
}
