/** What the exit code of a command says. */
export const EXIT = {
  done: 0,
  /** Something failed or, for `diff` and `validate`, is not as it should be. */
  failed: 1,
  usage: 2,
  notFound: 3,
  /** Nobody answers at the address. */
  unreachable: 4,
  /** By Ctrl-C, as shells number it. */
  interrupted: 130,
  /** As shells number the end by SIGPIPE. */
  nobodyReads: 141,
} as const;

/** A message for the user, and the exit code it ends with. */
export class CliError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed, options?: ErrorOptions) {
    super(message, options);
    this.name = "CliError";
    this.exitCode = exitCode;
  }
}
