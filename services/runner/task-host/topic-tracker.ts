export interface TopicTrackerDeps {
  /** `topic.tracking.enable`. */
  readonly enabled: boolean;
  readonly add: (topics: string[]) => Promise<unknown>;
}

/**
 * Which topics a task uses, for `GET /connectors/{c}/topics`. A topic is told to the scheduler once it was really used, and
 * again until the scheduler has taken it.
 *
 *   (new) ──used──▶ waiting ──publish──▶ being told ──taken──▶ known
 *                      ▲──────────not taken──┘   any ──forget──▶ (new)
 */
export class TopicTracker {
  #deps: TopicTrackerDeps;
  #known = new Set<string>();
  #waiting = new Set<string>();
  #telling = false;

  constructor(deps: TopicTrackerDeps) {
    this.#deps = deps;
  }

  /** Cheap enough to be called for every record. */
  used(topic: string): void {
    if (this.#deps.enabled && !this.#known.has(topic)) this.#waiting.add(topic);
  }

  /** What was used by now is durable, or was consumed. Never waits. */
  publish(): void {
    if (this.#waiting.size === 0 || this.#telling) return;
    const topics = [...this.#waiting];
    const known = this.#known;
    this.#waiting.clear();
    for (const topic of topics) known.add(topic);
    this.#telling = true;
    void this.#deps
      .add(topics)
      .catch(() => {
        for (const topic of topics) known.delete(topic);
        if (known === this.#known) for (const topic of topics) this.#waiting.add(topic);
      })
      .finally(() => {
        this.#telling = false;
      });
  }

  forget(): void {
    this.#known = new Set();
    this.#waiting.clear();
  }
}
