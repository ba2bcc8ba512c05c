// Pure: what of the worker's settings is the gateway's.
import type { WorkerConfig } from "@millrace/service";
import type { GatewayOptions } from "./app.ts";

export function gatewayOptions(worker: WorkerConfig): GatewayOptions {
  return {
    allowOrigin: worker.accessControlAllowOrigin,
    allowMethods: worker.accessControlAllowMethods,
    maskPasswords: worker.restMaskPasswords,
    topicTrackingEnable: worker.topicTrackingEnable,
    topicTrackingAllowReset: worker.topicTrackingAllowReset,
  };
}
