import { processMetrics, type WorkerConfig } from "@millrace/service";
import { createGateway, type GatewayDeps, type GatewayOptions } from "./app.ts";
import { consoleFiles } from "./console-assets.ts";
import { type Serving, serveGateway } from "./serve.ts";

/**
 * The REST API as the worker's settings say: on its `listeners`, and `/admin` on `admin.listeners` where those are given.
 * @throws Error naming a listener that cannot be opened; then none is.
 */
export async function openGateway(deps: Omit<GatewayDeps, "options"> & { worker: WorkerConfig }): Promise<Serving> {
  const { worker, clock } = deps;
  const { listeners, adminListeners } = worker;
  const ownMetrics = () => processMetrics(worker.standalone ? "standalone" : "gateway");
  const open = (where: Partial<GatewayOptions>) =>
    createGateway({
      ...deps,
      ownMetrics,
      ...(where.admin === "alone" ? {} : { console: consoleFiles }),
      options: { ...optionsOf(worker), ...where },
    });
  const main = open({ admin: adminListeners === null ? "here" : "elsewhere" });
  const serving = await serveGateway({ gateway: main, listeners, clock });
  if (adminListeners === null || adminListeners.length === 0) return serving;
  try {
    const admin = await serveGateway({ gateway: open({ admin: "alone" }), listeners: adminListeners, clock });
    return {
      addresses: [...serving.addresses, ...admin.addresses],
      close: async (graceMs) => void (await Promise.all([serving.close(graceMs), admin.close(graceMs)])),
    };
  } catch (error) {
    await serving.close(0);
    throw error;
  }
}

function optionsOf(worker: WorkerConfig): GatewayOptions {
  return {
    allowOrigin: worker.accessControlAllowOrigin,
    allowMethods: worker.accessControlAllowMethods,
    responseHeaders: worker.responseHttpHeadersConfig,
    maskPasswords: worker.restMaskPasswords,
    metricsNaming: worker.metricsNaming,
    topicTrackingEnable: worker.topicTrackingEnable,
    topicTrackingAllowReset: worker.topicTrackingAllowReset,
  };
}
