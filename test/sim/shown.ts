import type { ShownOffsets } from "./checkers/rest-answers.ts";
import { SINK } from "./connector-configs.ts";
import type { User } from "./user.ts";
import type { World } from "./world.ts";

interface ShownState {
  readonly state: string;
}

interface Shown {
  readonly info: { readonly tasks: readonly unknown[]; readonly type: string };
  readonly status: { readonly connector: ShownState; readonly tasks: readonly ShownState[]; readonly type: string };
}

/** What gateways do not show, although it is so: every connector and its tasks RUNNING, and all offsets at the end. null: nothing. */
export async function notShown(world: World, user: User): Promise<string | null> {
  const { connectors } = await world.configStore.changes(0);
  for (const gateway of world.gateways) {
    const lack = (what: string) => `${gateway.name} ${what}`;
    const names = (await user.view(gateway, "/connectors")) as readonly string[] | null;
    if (names?.length !== connectors.length) return lack(`lists ${names?.join(", ") ?? "nothing"}`);
    const list = (await user.view(gateway, "/connectors?expand=status&expand=info")) as Record<string, Shown> | null;
    for (const { name, config, tasks } of connectors) {
      const type = name === SINK ? "sink" : "source";
      const listed = list?.[name];
      if (!listed) return lack(`lists nothing of ${name}`);
      const status = (await user.view(gateway, `/connectors/${name}/status`)) as Shown["status"] | null;
      if (status === null) return lack(`shows no status of ${name}`);
      for (const each of [listed.status, status]) {
        if (each.tasks.length !== tasks.configs.length) return lack(`shows ${each.tasks.length} tasks of ${name}`);
        const [still] = [each.connector, ...each.tasks].filter(({ state }) => state !== "RUNNING");
        if (still) return lack(`shows something of ${name} as ${still.state}`);
      }
      if (listed.info.tasks.length !== tasks.configs.length) return lack(`lists other tasks of ${name}`);
      const types = [listed.info.type, listed.status.type, status.type];
      if (types.some((each) => each !== type)) return lack(`shows ${name} as ${types.join(", ")}`);
      const shownOffsets = (await user.view(gateway, `/connectors/${name}/offsets`)) as ShownOffsets | null;
      const behind = type === "source" && shownOffsets?.offsets.find(({ offset }) => String(offset.n) !== config.total);
      if (shownOffsets === null || behind) return lack(`shows ${name} at ${behind ? behind.offset.n : "no offset"}`);
      if ((await user.view(gateway, `/connectors/${name}`)) === null) return lack(`shows nothing of ${name}`);
    }
  }
  return null;
}
