import { processEnv } from "@millrace/service/process-env";
import type { Arguments, OptionSpecs } from "../arguments.ts";
import type { Command } from "../commands.ts";
import { openSession, outputOption, type Session, serverOptions, yesOption } from "./session.ts";

const file = {
  filename: {
    value: true,
    short: "f",
    help: "a JSON, YAML or .properties file, a folder of them, or - for standard input; repeatable",
  },
} satisfies OptionSpecs;
const all = { all: { value: false, help: "every connector there is" } } satisfies OptionSpecs;

interface Remote {
  readonly summary: string;
  readonly arguments: string;
  readonly options?: OptionSpecs;
  readonly words?: readonly string[];
  readonly connectors?: boolean;
  run(session: Session): Promise<number>;
}

/** Commands that ask a server: each loads its module when it runs. */
function remote({ run, options = {}, ...about }: Remote): Command {
  return {
    ...about,
    options: { ...options, ...outputOption, ...serverOptions },
    run: (args: Arguments) => run(openSession(args, processEnv())),
  };
}

const retarget = (action: "pause" | "resume" | "stop", summary: string): Command =>
  remote({
    summary,
    arguments: "<connector …> | --all",
    options: all,
    connectors: true,
    run: async (session) => (await import("./lifecycle.ts")).retarget(session, action),
  });

export const remoteCommands: Readonly<Record<string, Command>> = {
  get: remote({
    summary: "connectors with their states",
    arguments: "[connector …] [-o wide]",
    connectors: true,
    run: async (session) => (await import("./connectors.ts")).get(session),
  }),
  describe: remote({
    summary: "one connector: state, configuration, tasks with their traces, topics",
    arguments: "<connector>",
    connectors: true,
    run: async (session) => (await import("./connectors.ts")).describe(session),
  }),
  create: remote({
    summary: "a new connector; refused where there is one of that name",
    arguments: "<connector> --set key=value … | -f <file>",
    options: { ...file, state: { value: true, help: "running, paused or stopped" } },
    run: async (session) => (await import("./write.ts")).create(session),
  }),
  apply: remote({
    summary: "makes the server's connectors those of the files; shows what changes first",
    arguments: "-f <file or folder> …",
    options: {
      ...file,
      ...yesOption,
      "dry-run": { value: false, help: "only show it" },
      force: { value: false, help: "also write passwords again that the server does not show" },
    },
    run: async (session) => (await import("./write.ts")).apply(session),
  }),
  diff: remote({
    summary: "what apply would change; exit code 1 when there is something",
    arguments: "-f <file or folder> …",
    options: file,
    run: async (session) => (await import("./write.ts")).diff(session),
  }),
  patch: remote({
    summary: "changes some settings of a connector",
    arguments: "<connector> key=value … key-",
    connectors: true,
    run: async (session) => (await import("./write.ts")).patch(session),
  }),
  delete: remote({
    summary: "removes connectors; their offsets stay",
    arguments: "<connector …>",
    options: yesOption,
    connectors: true,
    run: async (session) => (await import("./lifecycle.ts")).remove(session),
  }),
  pause: retarget("pause", "tasks stand still and keep their clients"),
  resume: retarget("resume", "runs again after pause or stop"),
  stop: retarget("stop", "tasks are shut down"),
  restart: remote({
    summary: "connectors with their tasks, or one task",
    arguments: "<connector … | connector/task> | --all",
    options: {
      ...all,
      "only-failed": { value: false, help: "only what is FAILED" },
      "connector-only": { value: false, help: "without its tasks" },
    },
    connectors: true,
    run: async (session) => (await import("./lifecycle.ts")).restart(session),
  }),
  offsets: remote({
    summary: "shows, sets or removes committed offsets",
    arguments: "get|set|reset <connector>",
    options: {
      ...yesOption,
      partition: { value: true, help: "the partition to set, as JSON" },
      offset: { value: true, help: "its offset as JSON, null to remove it" },
      filename: { value: true, short: "f", help: "what to set, as 'offsets get -o json' writes it" },
      stop: { value: false, help: "stops the connector for it and brings it back" },
    },
    words: ["get", "set", "reset"],
    connectors: true,
    run: async (session) => (await import("./offsets.ts")).offsets(session),
  }),
  history: remote({
    summary: "earlier configurations of a connector, deleted ones too",
    arguments: "<connector> [--limit N]",
    options: { limit: { value: true, help: "at most so many (default 20)" } },
    connectors: true,
    run: async (session) => (await import("./history.ts")).history(session),
  }),
  rollback: remote({
    summary: "writes an earlier configuration again, the one before the latest if none is named",
    arguments: "<connector> [version]",
    options: yesOption,
    connectors: true,
    run: async (session) => (await import("./history.ts")).rollback(session),
  }),
  plugins: remote({
    summary: "installed connectors, or the settings of one plugin",
    arguments: "[class] [--all] [--broken]",
    options: {
      all: { value: false, help: "converters, transforms and predicates too" },
      broken: { value: false, help: "those that could not be loaded, and why" },
    },
    run: async (session) => (await import("./plugins.ts")).plugins(session),
  }),
  validate: remote({
    summary: "checks configurations without storing them; exit code 1 when a setting is wrong",
    arguments: "<connector …> | -f <file or folder>",
    options: { ...file, ...all },
    connectors: true,
    run: async (session) => (await import("./plugins.ts")).validate(session),
  }),
  preview: remote({
    summary: "real records through transforms and converters, step by step; nothing is written",
    arguments: "<connector> | -f <file> [--records N]",
    options: { ...file, records: { value: true, help: "how many, up to 50 (default 5)" } },
    connectors: true,
    run: async (session) => (await import("./preview.ts")).preview(session),
  }),
  logs: remote({
    summary: "what a connector and its tasks have logged, wherever they run",
    arguments: "<connector> [-f] [--lines N]",
    options: {
      follow: { value: false, short: "f", help: "go on as lines come" },
      lines: { value: true, help: "how many of the latest (default 100)" },
    },
    connectors: true,
    run: async (session) => (await import("./logs.ts")).logs(session),
  }),
  top: remote({
    summary: "what flows now: records, bytes, lag, errors of each connector",
    arguments: "[--once] [--interval SECONDS]",
    options: {
      once: { value: false, help: "print it once" },
      interval: { value: true, help: "seconds between two looks (default 2)" },
    },
    run: async (session) => (await import("./top.ts")).top(session),
  }),
  dlq: remote({
    summary: "dead letters: groups of them, one by one, and back again, each once",
    arguments: "list|show|replay <connector> [partition-offset …]",
    options: {
      ...yesOption,
      group: { value: true, help: "those of one group" },
      all: { value: false, help: "replay: all of them" },
      to: { value: true, help: "replay: topic (where they came from) or connector (default topic)" },
      value: { value: true, help: "replay: this value in place of the letter's own" },
      "value-file": { value: true, help: "replay: the same, from a file" },
      limit: { value: true, help: "show: at most so many (default 5)" },
      skip: { value: true, help: "show: leave out so many of the newest" },
    },
    words: ["list", "show", "replay"],
    connectors: true,
    run: async (session) => (await import("./dead-letters.ts")).deadLetters(session),
  }),
  context: {
    summary: "servers by a name of your own",
    arguments: "[list | add <name> <url> | use <name> | remove <name>]",
    options: {},
    words: ["list", "add", "use", "remove"],
    run: async (args) => (await import("./contexts.ts")).context(args, processEnv()),
  },
  completion: {
    summary: "a script that completes commands and names of connectors: source <(millrace completion bash)",
    arguments: "bash|zsh|fish",
    options: {},
    words: ["bash", "zsh", "fish"],
    run: async (args) => (await import("./complete.ts")).completion(args),
  },
};
