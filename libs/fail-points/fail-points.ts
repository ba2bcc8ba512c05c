// Pure: every place in the code where a process can be told to die or freeze, for proofs by killing.

export interface FailPointPlace {
  /** What has happened there and what has not: what dies between the two. */
  readonly says: string;
  /** What makes a process come by: data or heartbeats flowing, a connector restarted or given a new configuration, a lost host or leader. */
  readonly by: "flow" | "restart" | "new config" | "lost host" | "lost leader";
  /** Passed only for connectors of more than one task: a single one fences its predecessor itself. */
  readonly fencing?: true;
  /** Passed only by this source. */
  readonly source?: "cdc";
}

/** By name: part, then place. Each is used once in the code, `failPoint("name")`. */
const places = {
  "source.poll.before": { by: "flow", says: "The task is about to be polled." },
  "source.poll.after": { by: "flow", says: "Records were polled; none of them has been sent." },
  "source.batch.sent": { by: "flow", says: "A polled batch was handed to the producer; no commit was asked for." },
  "source.commit.before": { by: "flow", says: "Everything of a transaction was sent; its offsets were not." },
  "source.offsets.before": { by: "flow", says: "The committer has the offsets and has sent none." },
  "source.offsets.after": { by: "flow", says: "Records and offsets were sent; the transaction was not committed." },
  "source.commit.after": { by: "flow", says: "The transaction was committed; the next was not begun." },
  "source.begin.after": { by: "flow", says: "The next transaction was begun; the task was not told of the last one." },
  "source.acknowledge.before": {
    by: "flow",
    says: "Records are durable; the task's commit callbacks were not called.",
  },
  "source.acknowledge.after": { by: "flow", says: "The task's commit callbacks were called." },

  "source.attempt.before": { by: "restart", says: "A task is about to start; its providers were not asked." },
  "source.producer.made": { by: "restart", says: "The producer exists; initTransactions was not called." },
  "source.init.after": { by: "restart", says: "Older producers are fenced; the assignment was not verified." },
  "source.verify.after": { by: "restart", says: "The assignment was verified; no transaction was begun." },
  "source.load.before": { by: "restart", says: "The producer is ready; committed offsets were not read." },
  "source.load.after": { by: "restart", says: "Committed offsets were read; the task was not started." },
  "source.start.after": { by: "restart", says: "The task was started; RUNNING was not reported." },
  "source.finish.before": { by: "new config", says: "The task was asked to stop; its last commit was not made." },
  "source.stop.before": { by: "new config", says: "The last commit was made; the task was not stopped." },
  "source.close.before": { by: "new config", says: "The task was stopped; its producer was not closed." },
  "source.close.after": { by: "new config", says: "The producer was closed; the task was not reported as released." },

  "connector.start.before": { by: "new config", says: "A connector is about to start." },
  "connector.start.after": { by: "new config", says: "A connector was started; it was not asked for tasks." },
  "connector.tasks.made": { by: "new config", says: "Task configurations were made; they were not stored." },
  "connector.tasks.stored": {
    by: "new config",
    says: "Task configurations were stored; their host has just heard of it.",
  },
  "connector.stop.before": { by: "new config", says: "A connector is about to be stopped." },

  "host.configure.before": { by: "lost host", says: "A task host was forked; no plugin was loaded." },
  "host.configure.after": { by: "lost host", says: "Plugins were loaded; no work was taken." },
  "host.start.before": { by: "restart", says: "A host got work; it has not begun it." },
  "host.stop.before": { by: "new config", says: "A host was told to stop work; it has not begun to." },
  "host.fence.before": {
    by: "new config",
    fencing: true,
    says: "A host is about to fence the producers of an old generation.",
  },
  "host.fence.after": {
    by: "new config",
    fencing: true,
    says: "An old generation was fenced; the leader was not told.",
  },
  "host.validate.before": { by: "new config", says: "A host is about to validate a configuration." },
  "host.validate.after": { by: "new config", says: "A configuration was validated; nobody was told." },

  "runner.assignment.received": {
    by: "new config",
    says: "A newer assignment arrived; nothing was stopped or started.",
  },
  "runner.assignment.applied": { by: "new config", says: "Stops and starts of an assignment are on their way." },
  "runner.work.before": { by: "restart", says: "Work counts as held; no host was given it." },
  "runner.work.stopped": { by: "new config", says: "Work has stopped; no heartbeat has said so." },
  "runner.work.reported": { by: "new config", says: "A host reported a state; no heartbeat has said so." },
  "runner.host.lost": { by: "lost host", says: "A host has ended; its work has no other host." },
  "runner.heartbeat.before": { by: "flow", says: "A heartbeat is about to be sent." },
  "runner.heartbeat.after": { by: "flow", says: "A heartbeat was answered; the answer was not acted on." },

  "scheduler.lease.taken": { by: "lost leader", says: "The lease was taken; the scheduler does not lead." },
  "scheduler.lease.before": { by: "flow", says: "The lease is about to be renewed." },
  "scheduler.lease.renewed": { by: "flow", says: "The lease was renewed." },
  "scheduler.load.after": { by: "lost leader", says: "A new leader has read its state; it has decided nothing." },
  "scheduler.decide.after": { by: "new config", says: "The leader has decided; nothing was stored." },
  "scheduler.store.after": { by: "new config", says: "A decision was stored; no runner was told." },
  "scheduler.publish.one": {
    by: "new config",
    says: "A runner's assignment was published; others' may not have been.",
  },
  "scheduler.publish.after": { by: "new config", says: "Assignments were published; no fencing was begun." },
  "scheduler.fence.before": {
    by: "new config",
    fencing: true,
    says: "The leader is about to have an old generation fenced.",
  },
  "scheduler.fence.after": {
    by: "new config",
    fencing: true,
    says: "A generation was fenced; none of the new one was placed.",
  },
  "scheduler.verify.before": { by: "restart", says: "A task asks whether it is still wanted; nobody has answered." },
  "scheduler.heartbeat.heard": { by: "flow", says: "The leader has heard a runner; it has not answered." },

  "config.put.before": { by: "new config", says: "A configuration arrived; it was not validated." },
  "config.validate.after": { by: "new config", says: "A configuration was validated; it was not stored." },
  "config.write.before": { by: "new config", says: "A change was decided on; the statement was not sent." },
  "config.write.after": { by: "new config", says: "A change is durable; nobody was told." },
  "config.publish.after": { by: "new config", says: "config.changed was published; the request was not answered." },
  "config.changes.before": { by: "flow", says: "The leader asks for changes; nobody has answered." },

  "gateway.ask.before": { by: "new config", says: "A REST request arrived; no service was asked." },
  "gateway.ask.after": { by: "new config", says: "A service has answered; the REST client was not." },

  "cdc.publication.after": { by: "restart", source: "cdc", says: "The publication is there; the slot may not be." },
  "cdc.slot.made": { by: "restart", source: "cdc", says: "A slot was made with its snapshot; no row was read." },
  "cdc.snapshot.begun": { by: "restart", source: "cdc", says: "All readers of a snapshot see it; no row was read." },
  "cdc.snapshot.rows": { by: "restart", source: "cdc", says: "Some rows of a snapshot were handed over." },
  "cdc.snapshot.table": { by: "restart", source: "cdc", says: "A table was read; its last row waits." },
  "cdc.snapshot.end": { by: "restart", source: "cdc", says: "The last row was handed over; the stream was not begun." },
  "cdc.stream.before": { by: "restart", source: "cdc", says: "The stream is about to begin." },
  "cdc.stream.begun": { by: "restart", source: "cdc", says: "The server agreed to send the log; nothing was read." },
  "cdc.transaction.begun": {
    by: "flow",
    source: "cdc",
    says: "A transaction has begun; none of its changes was read.",
  },
  "cdc.transaction.read": { by: "flow", source: "cdc", says: "All changes of a transaction were handed over." },
  "cdc.table.described": { by: "restart", source: "cdc", says: "The log named a table, and it was looked up." },
  "cdc.confirm.before": {
    by: "flow",
    source: "cdc",
    says: "Kafka has committed; the server was not told how far it may forget.",
  },
  "cdc.confirm.after": { by: "flow", source: "cdc", says: "The server was told how far it may forget." },
  "cdc.offset.before": {
    by: "flow",
    source: "cdc",
    says: "The log has gone on without records; no offset says so.",
  },
} as const satisfies Readonly<Record<string, FailPointPlace>>;

export type FailPoint = keyof typeof places;

export const failPoints: Readonly<Record<FailPoint, FailPointPlace>> = places;
