import { adminCases } from "./conformance/admin-cases.ts";
import { consumerCases } from "./conformance/consumer-cases.ts";
import { producerCases } from "./conformance/producer-cases.ts";
import { type ConformanceDeps, Session } from "./conformance/session.ts";
import { transactionCases } from "./conformance/transaction-cases.ts";

export type { ConformanceDeps } from "./conformance/session.ts";

export interface ConformanceCase {
  readonly name: string;
  run(deps: ConformanceDeps): Promise<void>;
}

/** What every `KafkaClient` does. Each case makes its own topics and closes its clients and deletes them at the end. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...producerCases,
  ...transactionCases,
  ...consumerCases,
  ...adminCases,
].map(({ name, run }) => ({
  name,
  async run(deps) {
    const session = new Session(deps);
    try {
      await run(session);
    } finally {
      await session.close();
    }
  },
}));
