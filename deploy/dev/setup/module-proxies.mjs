// Where Go may fetch modules.
import { ask } from "./command.mjs";

/** GOPROXY without "direct": Go then asks module proxies only and never the host of the source code. */
export function moduleProxies() {
  const proxies = (ask("go", ["env", "GOPROXY"]) ?? "").trim().split(/[,|]/);
  return proxies.filter((proxy) => proxy !== "direct").join(",");
}
