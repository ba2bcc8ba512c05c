import { topicsGet, topicsReset } from "@millrace/protocol";
import type { Ask } from "../ask.ts";
import { HttpError } from "../errors.ts";
import { empty, json, type Resource } from "../resource.ts";

export interface TopicRoutesDeps {
  readonly ask: Ask;
  /** `topic.tracking.enable` and `topic.tracking.allow.reset`. */
  readonly tracking: { readonly enabled: boolean; readonly mayReset: boolean };
}

/** Unknown connectors have no topics, and resetting them is no error, as in Connect. */
export function topicRoutes({ ask, tracking }: TopicRoutesDeps): Resource[] {
  const requireTracking = () => {
    if (!tracking.enabled) throw new HttpError(403, "Topic tracking is disabled.");
  };
  return [
    {
      path: "/connectors/:connector/topics",
      methods: {
        async GET({ param, signal }) {
          requireTracking();
          const connector = param("connector");
          const { topics } = await ask(topicsGet, { connector }, { signal });
          return json({ [connector]: { topics } });
        },
      },
    },
    {
      path: "/connectors/:connector/topics/reset",
      methods: {
        async PUT({ param, signal }) {
          requireTracking();
          if (!tracking.mayReset) throw new HttpError(403, "Topic tracking reset is disabled.");
          await ask(topicsReset, { connector: param("connector") }, { signal });
          return empty(202);
        },
      },
    },
  ];
}
