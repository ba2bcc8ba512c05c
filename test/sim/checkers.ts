import type { EndedTransaction, FakeCluster } from "@millrace/kafka/fake";
import { Assignments } from "./checkers/assignments.ts";
import { Bounds } from "./checkers/bounds.ts";
import { Confirmations } from "./checkers/confirmations.ts";
import { OneWriter } from "./checkers/one-writer.ts";
import { SecretsCheck } from "./checkers/secrets.ts";
import { SinkDelivery } from "./checkers/sink-delivery.ts";
import { SourceLog } from "./checkers/source-log.ts";
import { Instances } from "./instances.ts";
import type { Verdict } from "./verdict.ts";

/** Everything that is watched while a run goes on, beside what stores tell of themselves. */
export class Checkers {
  readonly instances = new Instances();
  readonly sourceLog: SourceLog;
  readonly confirmations: Confirmations;
  readonly oneWriter: OneWriter;
  readonly assignments: Assignments;
  readonly secrets: SecretsCheck;
  readonly bounds: Bounds;
  readonly #verdict: Verdict;
  #sink: SinkDelivery | null = null;

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
    this.sourceLog = new SourceLog(verdict);
    this.confirmations = new Confirmations(verdict, this.sourceLog);
    this.oneWriter = new OneWriter(verdict, this.instances);
    this.assignments = new Assignments(verdict);
    this.secrets = new SecretsCheck(verdict);
    this.bounds = new Bounds(verdict);
  }

  /** The cluster tells of its transactions before there is anything to read in it. */
  watch(cluster: FakeCluster): void {
    this.#sink = new SinkDelivery(this.#verdict, cluster);
  }

  get sink(): SinkDelivery {
    return this.#sink!;
  }

  transactionEnded(transaction: EndedTransaction): void {
    this.sourceLog.transactionEnded(transaction);
    this.oneWriter.transactionEnded(transaction);
  }
}
