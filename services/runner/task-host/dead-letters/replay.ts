import { isKafkaError, type RecordHeader, type TransactionalProducer } from "@millrace/kafka";
import { type LetterChoice, ProtocolError } from "@millrace/protocol";
import { exactlyOnceProducer } from "../client-configs.ts";
import { type Queue, READ_TIMEOUT_MS, readLetters, readReplayed, replayedTopic } from "./dead-letter-queue-reader.ts";
import { edited, letterId, originOfLetter, ownHeaders } from "./letter.ts";
import { putLetters } from "./put-letters.ts";
import { type Chosen, chosenLetters, notYetSent } from "./replay-choice.ts";

export interface Replay {
  readonly queue: Queue;
  readonly choice: LetterChoice;
  /** null: to the topics the letters came from; else to a task of the connector, with this configuration. */
  readonly task: { readonly config: Readonly<Record<string, string>> } | null;
  readonly signal: AbortSignal;
}

export interface Replayed {
  readonly replayed: number;
  readonly already: number;
  readonly failed: readonly { readonly partition: number; readonly offset: number; readonly message: string }[];
}

const LETTERS_OF_A_TRANSACTION_MAX = 500;
const TRANSACTION_TIMEOUT_MS = 30_000;
const FAILED_SHOWN_MAX = 100;
const INVALID_SHOWN_MAX = 5;

/**
 * Each letter is sent once, whoever asks and however often. Two who ask at the same time:
 *
 *   A initTransactions ─▶ reads what was sent ─▶ sends and notes ──commit──▶ refused: it is fenced
 *            B initTransactions (fences A, ends its transaction) ─▶ reads what was sent ─▶ sends and notes ──commit──▶ done
 *
 * So what B reads is final. To a connector there is no transaction: what was put and not noted, because of a crash in
 * between, is put again when it is asked for again.
 */
export async function replay({ queue, choice, task, signal }: Replay): Promise<Replayed> {
  const { letters } = await readLetters(queue, signal);
  const chosen = chosenLetters(letters, choice);
  if (task === null) requireOrigins(chosen);
  const producer = await openProducer(queue);
  try {
    await producer.initTransactions(TRANSACTION_TIMEOUT_MS);
    const wanted = notYetSent(chosen, await readReplayed(queue, signal));
    const already = chosen.length - wanted.length;
    const failed: { partition: number; offset: number; message: string }[] = [];
    for (let first = 0; first < wanted.length; first += LETTERS_OF_A_TRANSACTION_MAX) {
      signal.throwIfAborted();
      const part = wanted.slice(first, first + LETTERS_OF_A_TRANSACTION_MAX);
      if (task === null) await sendPart(queue, producer, part, signal);
      else {
        const put = await putLetters(queue, task.config, part, signal);
        await transaction(producer, () => note(queue, producer, put.written, signal));
        for (const { chosen: of, message } of put.failed) failed.push({ ...placeOf(of), message });
      }
    }
    return { replayed: wanted.length - failed.length, already, failed: failed.slice(0, FAILED_SHOWN_MAX) };
  } catch (cause) {
    throw asProtocolError(queue, cause);
  } finally {
    await producer.close();
  }
}

function placeOf({ letter }: Chosen): { partition: number; offset: number } {
  return { partition: letter.record.partition, offset: letter.record.offset };
}

async function openProducer({ env, layers, identity, settings }: Queue): Promise<TransactionalProducer> {
  const { config } = exactlyOnceProducer(layers, identity);
  const id = `${identity.groupId}-replay-${settings.topic}`;
  return env.kafka.transactionalProducer({ ...config, "transactional.id": id, "client.id": id });
}

function requireOrigins(chosen: readonly Chosen[]): void {
  const lost = chosen.filter(({ letter }) => originOfLetter(letter.record) === null);
  if (lost.length === 0) return;
  const places = lost
    .slice(0, INVALID_SHOWN_MAX)
    .map(({ letter: { record } }) => `${record.partition}-${record.offset}`);
  throw new ProtocolError(
    "INVALID",
    `${lost.length} of these dead letters do not tell which topic they came from (partition-offset ${places.join(", ")}): they were written without errors.deadletterqueue.context.headers.enable=true. Nothing was sent`,
  );
}

async function sendPart(
  queue: Queue,
  producer: TransactionalProducer,
  part: readonly Chosen[],
  signal: AbortSignal,
): Promise<void> {
  await transaction(producer, async () => {
    for (const { letter, edit } of part) {
      const { topic, partition } = originOfLetter(letter.record)!;
      const record = edited(letter.record, edit);
      const { key, value, timestampMs } = record;
      // With its key changed it may belong elsewhere.
      const to = edit?.key === undefined ? (partition ?? -1) : -1;
      const send = () => producer.send(topic, to, value, key, timestampMs ?? 0, ownHeaders(record));
      while (!send()) await producer.drained(signal);
    }
    await note(queue, producer, part, signal);
  });
}

/** In the transaction that is open. */
async function note(
  queue: Queue,
  producer: TransactionalProducer,
  sent: readonly Chosen[],
  signal: AbortSignal,
): Promise<void> {
  const none: readonly RecordHeader[] = [];
  const value = new TextEncoder().encode(JSON.stringify({ connector: queue.connector }));
  for (const { letter } of sent) {
    const key = new TextEncoder().encode(letterId(letter.record));
    while (!producer.send(replayedTopic(queue), 0, value, key, 0, none)) await producer.drained(signal);
  }
}

async function transaction(producer: TransactionalProducer, work: () => Promise<void>): Promise<void> {
  await producer.beginTransaction();
  try {
    await work();
    await producer.commitTransaction(TRANSACTION_TIMEOUT_MS);
  } catch (error) {
    if (isKafkaError(error) && error.kind === "abortable") await producer.abortTransaction(READ_TIMEOUT_MS);
    throw error;
  }
}

function asProtocolError({ settings }: Queue, cause: unknown): unknown {
  if (!isKafkaError(cause)) return cause;
  const text =
    cause.kind === "fenced"
      ? `Somebody else replays dead letters of ${settings.topic} at the same time; look at what was sent, then go on`
      : `Kafka did not take all of the dead letters of ${settings.topic} (${cause.message}); those that were sent are marked, ask again for the others`;
  return new ProtocolError("UNAVAILABLE", text, { cause });
}
