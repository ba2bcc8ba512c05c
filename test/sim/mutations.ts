import type { Replacement } from "./bundle.ts";

export interface Mutation {
  /** What is wrong. */
  readonly name: string;
  readonly replacements: readonly Replacement[];
}

/** @param changes pairs of what is there, exactly once, and what is put in its place. */
function mutation(
  name: string,
  file: string,
  ...changes: readonly (readonly [find: string, replace: string])[]
): Mutation {
  return { name, replacements: changes.map(([find, replace]) => ({ file: `services/${file}`, find, replace })) };
}

function together(name: string, ...parts: readonly Mutation[]): Mutation {
  return { name, replacements: parts.flatMap(({ replacements }) => replacements) };
}

/** Deliberate bugs, each of which some checker must find. */
export const MUTATIONS: readonly Mutation[] = [
  mutation("a new generation runs without a round of fencing", "scheduler/generations.ts", [
    "const fencedByItself = record === null || record === 0 || (record === 1 && count === 1);",
    "const fencedByItself = record !== undefined;",
  ]),
  mutation("the source is told to confirm before the commit", "runner/task-host/source/delivery.ts", [
    "      await committer.commit(records, offsets);\n",
    "      await committed({ records, commitMs: 0, callbacks });\n      await committer.commit(records, offsets);\n",
  ]),
  mutation("a runner takes any assignment that is not the one it has", "runner/assigned-work.ts", [
    "(epoch < known.epoch || (epoch === known.epoch && sequence <= known.sequence))",
    "epoch === known.epoch && sequence === known.sequence",
  ]),
  together(
    "changes of an assignment are sent without regard to what has been applied, and taken on top of that",
    mutation("the sender", "scheduler/publications.ts", [
      "return told.assignment(listener?.number === null ? null : applied);",
      "return told.assignment(applied === null ? null : told.sequence - 1);",
    ]),
    mutation("the taker", "runner/assigned-work.ts", [
      "return known && known.epoch === epoch && known.sequence >= since ? known.work : null;",
      "return known && since > 0 && epoch > 0 ? known.work : null;",
    ]),
  ),
  mutation("a runner is sent only the latest changes, whatever it has missed", "scheduler/told-work.ts", [
    "if (told.sequence > applied) work.push(told.work);",
    "if (told.sequence === this.#sequence) work.push(told.work);",
  ]),
  mutation("changes in a heartbeat are taken on top of any other", "scheduler/membership.ts", [
    "if (!known?.reports || since.epoch !== epoch || since.number !== known.number) return null;",
    "if (!known?.reports || since.epoch !== epoch) return null;",
  ]),
  mutation("a tick over some connectors takes the work of all others for work of nobody", "scheduler/adopt.ts", [
    "if (scope !== null && !scope.has(report.connector)) continue;",
    "void scope;",
  ]),
  mutation(
    "offsets are sent after the transaction of their records",
    "runner/task-host/source/exactly-once.ts",
    ["    await sendOffsets(this.#deps, offsets);\n", ""],
    ['failPoint("source.begin.after");', "await sendOffsets(this.#deps, offsets);"],
  ),
  mutation(
    "a task that starts again goes on from the offsets read before",
    "runner/task-host/source/offsets-topics.ts",
    ["if (!first) await table.readToEnd(this.#closed);", "void first;"],
  ),
  mutation("a task starts from the beginning", "runner/task-host/source/source-offsets.ts", [
    "canonicals.map((canonical) => stored.get(canonical)?.offset ?? null)",
    "canonicals.map((canonical) => (stored.has(`!${canonical}`) ? {} : null))",
  ]),
  mutation("work is placed before its old place has let go of it", "scheduler/assign.ts", [
    "return !isOverdue(draft.releases.get(key)!, input.nowMs, input.options.releaseTimeoutMs);",
    "return isOverdue(draft.releases.get(key)!, input.nowMs, 0) && false;",
  ]),
  mutation("work is given away after nobody was heard", "scheduler/membership.ts", [
    "return silentMs !== null && silentMs > sessionTimeoutMs / 2;",
    "return silentMs !== null && silentMs < 0;",
  ]),
  mutation("two schedulers lead at once", "scheduler/store-memory.ts", [
    "    if (this.#lease.expiresMs > nowMs) return null;\n",
    "",
  ]),
  mutation("a round of fencing reaches no producer", "runner/task-host/fence.ts", [
    "await producer.initTransactions(FENCE_TIMEOUT_MS);",
    "void FENCE_TIMEOUT_MS;",
  ]),
  mutation("a commit of which nobody knows the outcome counts as done", "runner/task-host/source/exactly-once.ts", [
    "await this.#deps.producer.commitTransaction(this.#deps.transactionTimeoutMs);",
    "await this.#deps.producer.commitTransaction(this.#deps.transactionTimeoutMs).catch(() => {});",
  ]),
  mutation("a task of an older generation is told that it is wanted", "scheduler/handlers.ts", [
    'if (generation !== current) return { verdict: "new-generation" };',
    'if (generation < current) return { verdict: "valid" };',
  ]),
  mutation("a fraction of a millisecond is stored", "scheduler/decide.ts", [
    "heartbeatMs: isFresh ? before.heartbeatMs : Math.round(heartbeatMs)",
    "heartbeatMs: isFresh ? before.heartbeatMs : heartbeatMs",
  ]),
  mutation("the store takes writes from anybody", "scheduler/store-memory.ts", [
    "    if (!this.#isHeldBy(lease)) return false;\n    for (const state",
    "    for (const state",
  ]),
  mutation("a config write is answered before it is stored", "config/handlers.ts", [
    "  const applied = await deps.store.apply(command, deps.clock.nowMs());",
    `  const storing = deps.store.apply(command, deps.clock.nowMs());
  storing.catch(() => {});
  const known = await deps.store.get(command.name);
  const foreseen = { ...known, ...command, revision: (known?.revision ?? 0) + 1, deleted: false } as never;
  const applied = known === null ? await storing : { changed: true, created: false, connector: foreseen };`,
  ]),
  mutation("a new set of task configs gets the generation of the last", "scheduler/generations.ts", [
    "generation: (state?.generation ?? 0) + 1,",
    "generation: state?.generation ?? 1,",
  ]),
  mutation("a task goes on after a commit that failed", "runner/task-host/source/delivery.ts", [
    "this.#commit = this.#runCommit().catch((error) => {",
    'this.#commit = this.#runCommit().catch((error) => {\n      if (error) return void (this.#state = "OPEN");',
  ]),
  mutation("held records that find the queue full are dropped", "runner/task-host/source/held-records.ts", [
    "        this.#from = i;\n        return false;\n",
    "        continue;\n",
  ]),
  mutation("records overtake those that wait for a full queue", "runner/task-host/source/outbox.ts", [
    'if (this.#state === "OPEN" && this.#send(record)) return;',
    'if (this.#state !== "SHUT" && this.#state !== "CLOSED" && this.#send(record)) return;',
  ]),
  mutation("a runner forgets work without stopping it", "runner/runner.ts", [
    "entry.stopped ??= this.#hosts.stop(key, deadlines[entry.work.kind]).then(() => {",
    "entry.stopped ??= Promise.resolve(deadlines).then(() => {",
  ]),
  mutation("a runner starts work anew before it has stopped", "runner/runner.ts", [
    "for (const work of start) if (!this.#entries.has(workKey(work))) void this.#startWork(work);",
    "for (const work of start) void this.#startWork(work);",
  ]),
  mutation("a task writes without asking whether it is still wanted", "runner/task-host/source/open-committer.ts", [
    "    await options.initialised();\n",
    "",
  ]),
  mutation("stored task configs hold what config providers gave", "runner/task-host/connector/task-configs.ts", [
    "stored[name] = own ? given : secrets.hide(value);",
    "stored[name] = own ? value : secrets.hide(value);",
  ]),
  mutation("two ticks of the leader run at once", "scheduler/coalesced.ts", [
    "this.#running ??= this.#run();",
    "this.#running = this.#run();",
  ]),
  mutation("what a put refused counts as put", "runner/task-host/sink/worker-sink-task.ts", [
    "this.#batch = { records: refused.left, ends: batch.ends };",
    "for (const end of batch.ends.values()) this.#offsets.deliver(end);\n      this.#batch = { records: refused.left, ends: batch.ends };",
  ]),
  mutation("a sink commits what it was given, whatever preCommit returns", "runner/task-host/sink/sink-commits.ts", [
    "if (task.preCommit) return task.preCommit(delivered);",
    "if (task.preCommit) return Promise.resolve(task.preCommit(delivered)).then(() => delivered);",
  ]),
  mutation("what is dropped after a failed preCommit is not read again", "runner/task-host/sink/worker-sink-task.ts", [
    "    for (const offset of back) await this.#consumer.seek(offset);\n",
    "",
  ]),
  mutation("a runner that no scheduler answers stops its work", "runner/runner.ts", [
    'deps.logger.debug("no scheduler took the heartbeat", { error: String(error) })',
    "void this.#stopTogether(error ? [...this.#entries.keys()] : [])",
  ]),
  mutation(
    "a runner that is silent is never lost",
    "scheduler/membership.ts",
    ["member.left || nowMs - member.lastHeardMs > sessionTimeoutMs", "member.left"],
    ["return (left ? nowMs : untilMs) - lastHeardMs > sessionTimeoutMs;", "return left && untilMs < lastHeardMs;"],
  ),
  mutation(
    "two who change a connector at the same time take away each other's changes",
    "gateway/routes/connectors.ts",
    [
      "const write = { name, config, createOnly: false, expectedVersion };",
      "const write = { name, config, createOnly: false, expectedVersion: expectedVersion > 0 ? undefined : 0 };",
    ],
  ),
  mutation("a gateway says that a connector stops, whatever it is answered", "gateway/routes/lifecycle.ts", [
    "signal, notFound: `Unknown connector ${name}` });",
    "signal, notFound: `Unknown connector ${name}` }).catch(() => {});",
  ]),
  mutation("a gateway goes on listing what has been deleted", "gateway/connector-list.ts", [
    "for (const name of page.deleted) records.delete(name);",
    "",
  ]),
  mutation("a gateway that once had no answer about plugins never asks again", "gateway/plugin-types.ts", [
    "this.#refreshing ??= this.#refresh().finally(() => {\n      this.#refreshing = null;\n    });",
    "this.#refreshing ??= this.#refresh();",
  ]),
  mutation("a gateway works on for clients that have gone", "gateway/ask.ts", [
    "signal === undefined ? { timeoutMs } : { timeoutMs, signal }",
    "{ timeoutMs }",
  ]),
  mutation("a gateway shows stored passwords to whoever writes", "gateway/routes/connectors.ts", [
    "const info = writtenConnectorInfo(mask(connector), type);\n  return created",
    "const info = writtenConnectorInfo(connector, type);\n  return created",
  ]),
  mutation(
    "a task asks whether it is wanted before it fences others, not after",
    "runner/task-host/source/open-committer.ts",
    ["await producer.initTransactions(transactionTimeoutMs);", "await options.initialised();"],
    ["await options.initialised();", "await producer.initTransactions(transactionTimeoutMs);"],
  ),
];
