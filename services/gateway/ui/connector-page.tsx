import type { JSX } from "preact";
import { ask, connectorPath, type Status } from "./api.ts";
import { ConfigTab } from "./config-tab.tsx";
import { DeadLettersTab } from "./dead-letters-tab.tsx";
import { usePolled } from "./hooks.ts";
import { LogsTab } from "./logs-tab.tsx";
import { OffsetsTab } from "./offsets-tab.tsx";
import { Action, Failure, Loading, State } from "./parts.tsx";
import { PreviewTab } from "./preview-tab.tsx";
import { StatusTab } from "./status-tab.tsx";

const LOOK_MS = 1_500;

const tabs = [
  ["status", "Status"],
  ["config", "Configuration"],
  ["offsets", "Offsets"],
  ["dead-letters", "Dead letters"],
  ["preview", "Preview"],
  ["logs", "Logs"],
] as const;

/** One connector: what it does, and all that can be done with it. */
export function ConnectorPage({ name, tab }: { readonly name: string; readonly tab: string }): JSX.Element {
  const path = connectorPath(name);
  const {
    data: status,
    error,
    refresh,
  } = usePolled((signal) => ask<Status>("GET", `${path}/status`, undefined, signal), path, LOOK_MS);
  const put = (action: string) => () => ask("PUT", `${path}/${action}`);
  const state = status?.connector.state;
  return (
    <>
      <h1>
        {name} {state !== undefined && <State state={state} />}
      </h1>
      <Failure error={error} />
      {status === null && error === null && <Loading what="its state" />}
      {status !== null && (
        <div class="actions">
          {state === "PAUSED" || state === "STOPPED" ? (
            <Action kind="main" run={put("resume")} done={refresh}>
              Resume
            </Action>
          ) : (
            <Action run={put("pause")} done={refresh}>
              Pause
            </Action>
          )}
          <Action run={put("stop")} done={refresh} disabled={state === "STOPPED"}>
            Stop
          </Action>
          <Action run={() => ask("POST", `${path}/restart?includeTasks=true`)} done={refresh}>
            Restart
          </Action>
          <a class="button" href={`#/connectors/${encodeURIComponent(name)}/edit`}>
            Edit
          </a>
          <Action
            kind="danger"
            confirm={`Delete ${name}? Its offsets stay.`}
            run={() => ask("DELETE", path)}
            done={() => {
              location.hash = "#/";
            }}
          >
            Delete
          </Action>
        </div>
      )}
      <nav class="tabs" aria-label="Views of the connector">
        {tabs.map(([id, text]) => (
          <a
            key={id}
            href={`#/connectors/${encodeURIComponent(name)}/${id}`}
            aria-current={id === tab ? "page" : undefined}
          >
            {text}
          </a>
        ))}
      </nav>
      {tab === "status" && status !== null && <StatusTab name={name} status={status} refresh={refresh} />}
      {tab === "config" && <ConfigTab name={name} />}
      {tab === "offsets" && <OffsetsTab name={name} stopped={state === "STOPPED"} refresh={refresh} />}
      {tab === "dead-letters" && <DeadLettersTab name={name} />}
      {tab === "preview" && <PreviewTab name={name} config={null} />}
      {tab === "logs" && <LogsTab name={name} />}
    </>
  );
}
