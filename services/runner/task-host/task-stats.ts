/** Counters of one task attempt, read by the runner a few times a second. */
export class TaskStats {
  recordsPolled = 0;
  recordsCommitted = 0;
  transactions = 0;
  /** Failed attempts, retries included. */
  recordFailures = 0;
  /** Operations that failed for good. */
  recordErrors = 0;
  recordsSkipped = 0;
  retries = 0;
  errorsLogged = 0;
  deadLetterRequests = 0;
  deadLetterFailures = 0;
  /** Since the epoch; 0: none yet. */
  lastErrorMs = 0;
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

  recordErrored(): void {
    this.recordErrors++;
  }

  recordRetried(): void {
    this.retries++;
  }

  /** No attempt is left for a record. @param nowMs since the epoch. */
  gaveUp(nowMs: number): void {
    this.lastErrorMs = nowMs;
  }

  errorLogged(): void {
    this.errorsLogged++;
  }

  deadLetterRequested(): void {
    this.deadLetterRequests++;
  }

  deadLetterFailed(): void {
    this.deadLetterFailures++;
  }
}
