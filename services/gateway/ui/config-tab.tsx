import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ask, type Config, type ConfigVersion, connectorPath, ownPath } from "./api.ts";
import { configChanges } from "./format.ts";
import { usePolled } from "./hooks.ts";
import { Action, Card, Failure, Lines, Loading } from "./parts.tsx";

interface History {
  readonly versions: readonly ConfigVersion[];
  readonly more: boolean;
}

/** The configuration as it is, what it was before, and the way back. */
export function ConfigTab({ name }: { readonly name: string }): JSX.Element {
  const path = connectorPath(name, "/config");
  const current = usePolled((signal) => ask<Config>("GET", path, undefined, signal), path, 0);
  const historyPath = ownPath(name, "/history?limit=50");
  const history = usePolled((signal) => ask<History>("GET", historyPath, undefined, signal), historyPath, 0);
  const refresh = () => {
    current.refresh();
    history.refresh();
  };
  return (
    <div class="columns">
      <Card
        title="Now"
        aside={
          <a class="button" href={`#/connectors/${encodeURIComponent(name)}/edit`}>
            Edit
          </a>
        }
      >
        <Failure error={current.error} />
        {current.data === null ? (
          <Loading what="the configuration" />
        ) : (
          <Lines label="Configuration">{JSON.stringify(current.data, null, 2)}</Lines>
        )}
      </Card>
      <Card title="History">
        <Failure error={history.error} />
        {history.data === null && history.error === null && <Loading what="the history" />}
        {history.data?.versions.map((version, at) => (
          <Version
            key={version.version}
            name={name}
            version={version}
            before={history.data!.versions[at + 1]}
            current={history.data!.versions[0]!}
            refresh={refresh}
          />
        ))}
      </Card>
    </div>
  );
}

function Version({
  name,
  version,
  before,
  current,
  refresh,
}: {
  readonly name: string;
  readonly version: ConfigVersion;
  readonly before: ConfigVersion | undefined;
  readonly current: ConfigVersion;
  readonly refresh: () => void;
}): JSX.Element {
  const [compared, setCompared] = useState<"before" | "now">("before");
  const isCurrent = version.version === current.version;
  const other = compared === "before" ? before : current;
  const changes =
    other === undefined
      ? []
      : compared === "before"
        ? configChanges(other.config, version.config)
        : configChanges(version.config, other.config);
  return (
    <details open={isCurrent}>
      <summary>
        Version {version.version} <span class="muted">{version.at.replace("T", " ").slice(0, 19)}</span>{" "}
        {isCurrent ? "(current)" : ""}
      </summary>
      {before === undefined && compared === "before" ? (
        <p class="muted">The first one known.</p>
      ) : (
        <Changes changes={changes} />
      )}
      {!isCurrent && (
        <div class="actions">
          <button type="button" onClick={() => setCompared(compared === "before" ? "now" : "before")}>
            {compared === "before" ? "Compare with now" : "Compare with the one before"}
          </button>
          <Action
            kind="main"
            run={() => ask("POST", ownPath(name, "/rollback"), { version: version.version })}
            done={refresh}
          >
            Roll back to version {version.version}
          </Action>
        </div>
      )}
    </details>
  );
}

function Changes({ changes }: { readonly changes: ReturnType<typeof configChanges> }): JSX.Element {
  if (changes.length === 0) return <p class="muted">Nothing that shows has changed.</p>;
  return (
    <Lines label="Configuration">
      {changes.map(({ key, before, after }) => (
        <div key={key}>
          {before !== null && <del>{`- ${key}: ${before}\n`}</del>}
          {after !== null && <ins>{`+ ${key}: ${after}\n`}</ins>}
        </div>
      ))}
    </Lines>
  );
}
