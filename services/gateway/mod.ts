export { createGateway, type Gateway, type GatewayDeps, type GatewayLogger, type GatewayOptions } from "./app.ts";
export { openGateway } from "./open.ts";
export { runGateway } from "./run.ts";
export { type Listener, type Serving, serveGateway } from "./serve.ts";
export { connectVersion, restVersion } from "./version.ts";
