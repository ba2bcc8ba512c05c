/** Counters of one task attempt, read by the runner a few times a second. */
export class TaskStats {
  recordsPolled = 0;
  recordsCommitted = 0;
  transactions = 0;
  recordFailures = 0;
  recordsSkipped = 0;
  lastCommitMs = 0;

  polled(records: number): void {
    this.recordsPolled += records;
  }

  committed(records: number, commitMs: number): void {
    this.recordsCommitted += records;
    this.transactions++;
    this.lastCommitMs = commitMs;
  }

  recordFailed(): void {
    this.recordFailures++;
  }

  recordSkipped(): void {
    this.recordsSkipped++;
  }
}
