import type { ConnectRecord, Predicate, PredicatePlugin } from "../mod.ts";
import { type Check, errorOf, insist, registerChecks, shown } from "./check.ts";
import { copyOf, firstDifference } from "./data-copy.ts";
import { configureChecks, pluginChecks } from "./plugin-checks.ts";
import { checkRefusal } from "./record-checks.ts";
import { sampleRecords } from "./sample-records.ts";

export interface PredicateOptions {
  /** As a connector's config has it, without `predicates.<name>.`. Default: empty. */
  readonly config?: Readonly<Record<string, string>>;
  /** Records for which it must answer true. */
  readonly holds?: readonly ConnectRecord[];
  /** Records for which it must answer false. */
  readonly fails?: readonly ConnectRecord[];
}

/** Registers the acceptance suite of a predicate as node tests. */
export function testPredicate(plugin: PredicatePlugin, options: PredicateOptions = {}): void {
  registerChecks(`predicate ${plugin.class}`, predicateChecks(plugin, options));
}

export function predicateChecks(plugin: PredicatePlugin, options: PredicateOptions): Check[] {
  const { config = {}, holds = [], fails = [] } = options;
  const open = (): Predicate => {
    const predicate = plugin.create();
    predicate.configure(config);
    return predicate;
  };
  return [
    ...pluginChecks(plugin, config),
    ...configureChecks(plugin, config, (given) => plugin.create().configure(given), {
      beside: { type: "com.example.Any" },
    }),
    { name: "answers true or false, the same each time, or refuses by DataError", run: () => checkAnswers(open()) },
    {
      name: "answers as this test says",
      run: () => {
        const predicate = open();
        for (const [expected, records] of [
          [true, holds],
          [false, fails],
        ] as const) {
          for (const record of records) {
            insist(predicate.test(record) === expected, `It should answer ${expected} to ${shown(record)}`);
          }
        }
      },
    },
    { name: "never changes its input", run: () => checkUnchanged(open()) },
    {
      name: "can be closed twice",
      run: () => {
        const predicate = open();
        predicate.close?.();
        predicate.close?.();
      },
    },
  ];
}

async function checkAnswers(predicate: Predicate): Promise<void> {
  for (const { what, record } of sampleRecords()) {
    let answer: unknown;
    const error = await errorOf(() => {
      answer = predicate.test(record);
    });
    if (error !== null) {
      checkRefusal(error, `Asked about ${what}, it`);
      continue;
    }
    insist(typeof answer === "boolean", `Asked about ${what}, it answers ${shown(answer)}: answer true or false.`);
    insist(
      predicate.test(record) === answer,
      `Asked twice about ${what}, it gives two answers: a retried record would take another way.`,
    );
  }
}

async function checkUnchanged(predicate: Predicate): Promise<void> {
  for (const { what, record } of sampleRecords()) {
    const before = copyOf(record);
    await errorOf(() => predicate.test(record));
    const change = firstDifference(before, record, "record");
    insist(change === null, `Asked about ${what}, it changes the record: ${change}`);
  }
}
