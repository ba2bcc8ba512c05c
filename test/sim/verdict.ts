export interface Failure {
  /** The checker's name, with the invariant it stands for. */
  readonly checker: string;
  readonly message: string;
}

/** The first thing that is wrong with a run; it ends there. */
export class Verdict {
  failure: Failure | null = null;

  fail(checker: string, message: string): void {
    this.failure ??= { checker, message };
  }
}
