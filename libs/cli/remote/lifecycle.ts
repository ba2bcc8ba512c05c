import { CliError, EXIT } from "./cli-error.ts";
import { segment } from "./connect-rest.ts";
import { forEach, namesOf, type Session } from "./session.ts";

const done = { pause: "pausing", resume: "resuming", stop: "stopping" } as const;

/** `pause|resume|stop <name …> | --all`. */
export async function retarget(session: Session, action: keyof typeof done): Promise<number> {
  return forEach(session, await namesOf(session), async (name) => {
    await session.rest.send("PUT", `/connectors/${segment(name)}/${action}`);
    return `${name}: ${done[action]}`;
  });
}

/** `restart <name | name/task …>`, with its tasks unless told otherwise. */
export async function restart(session: Session): Promise<number> {
  const { options } = session.args;
  const onlyFailed = options["only-failed"] === "true";
  const query = `includeTasks=${options["connector-only"] !== "true"}&onlyFailed=${onlyFailed}`;
  return forEach(session, await namesOf(session), async (name) => {
    const [, connector = "", task] = /^(.*)\/(\d+)$/.exec(name) ?? [null, name];
    if (task !== undefined) {
      await session.rest.send("POST", `/connectors/${segment(connector)}/tasks/${task}/restart`);
      return `${name}: restarting`;
    }
    await session.rest.send("POST", `/connectors/${segment(name)}/restart?${query}`);
    return onlyFailed ? `${name}: restarting what has failed` : `${name}: restarting`;
  });
}

/** `delete <name …>`; offsets stay. */
export async function remove(session: Session): Promise<number> {
  const names = session.args.files;
  if (names.length === 0) throw new CliError("usage: millrace delete <connector …>", EXIT.usage);
  if (!(await session.confirmed(`Delete ${names.join(", ")}? Offsets stay.`))) return EXIT.failed;
  return forEach(session, names, async (name) => {
    await session.rest.send("DELETE", `/connectors/${segment(name)}`);
    return `${name}: deleted`;
  });
}
