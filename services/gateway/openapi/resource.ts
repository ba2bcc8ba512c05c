import { json, type Resource } from "../resource.ts";
import { restVersion } from "../version.ts";

/** `/openapi.json`: these resources, and itself. Made when first asked for. */
export function openApiResource(resources: readonly Resource[]): Resource {
  let document: unknown = null;
  const own: Resource = {
    path: "/openapi.json",
    methods: {
      async GET() {
        // Loaded when asked for: most gateways never are, and all of them want to be ready soon.
        const { openApiDocument } = await import("./document.ts");
        document ??= openApiDocument([...resources, own], restVersion);
        return json(document);
      },
    },
  };
  return own;
}
