/** One record of a topic that is read beside making records. */
export interface TopicRecord {
  readonly offset: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/** Reads the first partition of a topic, such as one of signals, from where its group's last `commit` was, else from its beginning. */
export interface TopicReader {
  /** Records since the last call; waits at most `waitMs` for the first. */
  read(waitMs: number): Promise<readonly TopicRecord[]>;
  /** What was read is done: the next reader of the group begins behind it. */
  commit(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens one. `client` has properties of the Kafka consumer, `group.id` among them; without `bootstrap.servers`, or with the
 * worker's, the worker's connection is used.
 */
export type OpenTopic = (topic: string, client: Readonly<Record<string, string>>) => Promise<TopicReader>;
