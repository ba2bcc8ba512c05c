import type { Verdict } from "../verdict.ts";

const CHECKER = "secrets (I9)";

/** What hosts get from a config provider in every run. */
export const SECRET = "correct-horse-battery";
/** How configs refer to it, and where it is. */
export const SECRET_REFERENCE = "${secrets:db:password}";
export const SECRET_ENV = { MILLRACE_SECRET_DB_PASSWORD: SECRET };

/** What came from a config provider leaves the task host in no message, log line or stored row (I9). */
export class SecretsCheck {
  readonly #verdict: Verdict;

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  shown(text: string, where: string): void {
    if (text.includes(SECRET)) this.#verdict.fail(CHECKER, `a secret is in ${where}`);
  }
}
