/** The process's environment variables: the one place that reads them. */
export function processEnv(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
