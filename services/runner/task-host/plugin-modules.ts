import { register } from "node:module";
import { ConnectError } from "@millrace/connect";

const HOOKS = `
let sdk;
export async function initialize(url) {
  sdk = url;
}
export async function resolve(specifier, context, next) {
  return specifier === "@millrace/connect" ? { url: sdk, shortCircuit: true } : next(specifier, context);
}`;

let sharedSdk: string | null = null;
let typeScript: Promise<void> | null = null;

/**
 * From now on whoever imports `@millrace/connect` gets the module at `url`: a plugin outside of this installation has no
 * other, or a copy of its own, whose Structs our converters would not know.
 */
export function shareSdk(url: string): void {
  if (sharedSdk === url) return;
  sharedSdk = url;
  register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, { data: url });
}

/**
 * Makes TypeScript plugins load where Node does not strip types by itself, with tsx if it is installed.
 * @throws ConnectError naming the file and what to do, when neither can.
 */
export async function loadTypeScript(file: string): Promise<void> {
  const stripsTypes = Boolean((process.features as { readonly typescript?: unknown }).typescript);
  if (stripsTypes || import.meta.url.endsWith(".ts")) return;
  // By a name that the bundler does not see: it is a tool of the checkout, not part of the build.
  const tool = "tsx/esm/api";
  typeScript ??= import(tool).then(({ register }: { register(): unknown }) => void register());
  await typeScript.catch((cause: unknown) => {
    throw new ConnectError(
      `${file} is TypeScript, which Node ${process.versions.node} does not run by itself: use Node 22.18 or newer, or ` +
        "build the plugin to JavaScript and name that file in its package.json.",
      { code: "PLUGIN_TYPESCRIPT", cause },
    );
  });
}
