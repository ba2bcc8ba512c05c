import type { OffsetReader, SinkPlugin, SourcePlugin, TaskConfig } from "../mod.ts";
import { type Check, errorOf, insist, shown } from "./check.ts";
import { connectorContext } from "./fake-contexts.ts";
import { FlowingClock } from "./flowing-clock.ts";

/** What holds for connectors of both directions, apart from their tasks. */
export function connectorChecks(
  plugin: SourcePlugin | SinkPlugin,
  config: TaskConfig,
  offsets: () => OffsetReader,
): Check[] {
  return [
    {
      name: "finds nothing wrong with the given config in its own validation",
      run: async () => {
        const problems = (await plugin.validate?.(config)) ?? [];
        const text = problems.map(({ name, message }) => `${name}: ${message}`).join("; ");
        insist(problems.length === 0, `validate finds problems in the config of this test: ${text}`);
      },
    },
    {
      name: "gives at most tasks.max task configs, of texts, the same each time",
      run: async () => {
        for (const tasksMax of [1, 2, 7]) await checkTaskConfigs(plugin, config, offsets(), tasksMax);
      },
    },
  ];
}

async function checkTaskConfigs(
  plugin: SourcePlugin | SinkPlugin,
  config: TaskConfig,
  offsets: OffsetReader,
  tasksMax: number,
): Promise<void> {
  const connector = plugin.create();
  const clock = new FlowingClock();
  const context = connectorContext(clock, offsets);
  try {
    await connector.start(context, config);
    const configs = await connector.taskConfigs(tasksMax);
    clock.hold();
    insist(
      configs.length <= tasksMax,
      `taskConfigs(${tasksMax}) gives ${configs.length} configs: the runtime fails a connector with more tasks than tasks.max.`,
    );
    for (const [name, value] of configs.flatMap((each) => Object.entries(each))) {
      insist(
        typeof value === "string",
        `taskConfigs gives ${name} as ${shown(value)}: task configs travel as texts, write lists and maps as JSON.`,
      );
    }
    const again = await connector.taskConfigs(tasksMax);
    insist(
      JSON.stringify(again) === JSON.stringify(configs),
      `taskConfigs(${tasksMax}) gives other configs when asked again: each change restarts all tasks.`,
    );
    insist(context.raised.length === 0, `The connector raised an error: ${shown(context.raised[0])}`);
  } finally {
    await connector.stop();
  }
  const error = await errorOf(() => connector.stop());
  insist(
    error === null,
    `A second stop of the connector fails: ${shown(error)}. Stopping what is stopped does nothing.`,
  );
}
