/**
 * Takes from plugins the calls that would end the process and everybody's work with it: they throw instead, and what called
 * them fails like with any other error.
 * @returns the real `process.exit`.
 */
export function forbidExit(target: Pick<NodeJS.Process, "exit" | "abort">): NodeJS.Process["exit"] {
  const exit = target.exit.bind(target);
  const refuse = (call: string) => () => {
    throw new Error(`${call} was called: plugins cannot end the process they run in`);
  };
  target.exit = refuse("process.exit");
  target.abort = refuse("process.abort");
  return exit;
}
