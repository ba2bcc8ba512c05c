import type { Verdict } from "../verdict.ts";

const CHECKER = "secrets (I9)";

/** What hosts get from a config provider in every run. */
export const SECRET = "correct-horse-battery";
/** How configs refer to it, and where it is. */
export const SECRET_REFERENCE = "${secrets:db:password}";
export const SECRET_ENV = { MILLRACE_SECRET_DB_PASSWORD: SECRET };

/** A password that users write into configs as it is, under this key: gateways show it to nobody. */
export const PLAIN_PASSWORD_KEY = "token";
export const PLAIN_PASSWORD = "open-sesame";

/** What came from a config provider leaves the task host in no message, log line or stored row, and no answer (I9). */
export class SecretsCheck {
  readonly #verdict: Verdict;

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  shown(text: string, where: string): void {
    if (text.includes(SECRET)) this.#verdict.fail(CHECKER, `a secret is in ${where}`);
  }

  /** What goes out to users holds no password either that is stored as it is. */
  answered(text: string, where: string): void {
    this.shown(text, where);
    if (text.includes(PLAIN_PASSWORD)) this.#verdict.fail(CHECKER, `a stored password is in ${where}`);
  }
}
