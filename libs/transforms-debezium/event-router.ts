import { definePlugin, type Transformation } from "@millrace/connect";
import { OutboxRouter } from "./outbox-router.ts";
import { ROUTER_CONFIG, readRouterSettings } from "./router-config.ts";

export const eventRouter = definePlugin({
  type: "transformation",
  class: "io.debezium.transforms.outbox.EventRouter",
  version: "3.6.0.Final",
  overview: "Turns inserts into an outbox table, as Debezium captures them, into the events they tell of.",
  config: ROUTER_CONFIG,
  create: () => eventRouterWith(new OutboxRouter(readRouterSettings({}))),
});

function eventRouterWith(unconfigured: OutboxRouter): Transformation {
  let router = unconfigured;
  return {
    configure(config) {
      router = new OutboxRouter(readRouterSettings(config));
    },
    apply: (record) => router.apply(record),
  };
}
