import type { JSX } from "preact";
import { ask, type ConnectorView, connectorPath, ownPath, type Status } from "./api.ts";
import { lagSeries, rateSeries } from "./flow-history.ts";
import { lagText, short, timeText } from "./format.ts";
import { usePolled } from "./hooks.ts";
import { Action, Card, Lines, State } from "./parts.tsx";
import { Plot } from "./plot.tsx";

const LOOK_MS = 3_000;

type Task = NonNullable<ConnectorView["tasks"]>[number];

export function StatusTab({
  name,
  status,
  refresh,
}: {
  readonly name: string;
  readonly status: Status;
  readonly refresh: () => void;
}): JSX.Element {
  const path = ownPath(name, "/metrics");
  const measured = usePolled(
    (signal) => ask<{ connector: ConnectorView }>("GET", path, undefined, signal),
    path,
    LOOK_MS,
  ).data;
  const topicsPath = connectorPath(name, "/topics");
  const topics = usePolled(
    (signal) => ask<Record<string, { topics: string[] }>>("GET", topicsPath, undefined, signal),
    topicsPath,
    10_000,
  ).data;
  const taskOf = (id: number) => measured?.connector.tasks?.find((task) => task.id === id);
  const lagUnit = measured?.connector.lag.seconds === null ? "records" : "s";
  return (
    <>
      <div class="columns">
        <Card title="Throughput">
          <Plot title="Records" unit="records/s" series={rateSeries(name)} />
        </Card>
        <Card title="Behind">
          <Plot title="Still to come" unit={lagUnit} series={lagSeries(name)} />
        </Card>
      </div>
      {status.connector.trace !== undefined && (
        <Card title="The connector has failed">
          <Lines label="Trace">{status.connector.trace}</Lines>
        </Card>
      )}
      <Card
        title="Tasks"
        aside={
          status.tasks.some(({ state }) => state === "FAILED") && (
            <Action
              run={() => ask("POST", connectorPath(name, "/restart?includeTasks=true&onlyFailed=true"))}
              done={refresh}
            >
              Restart what has failed
            </Action>
          )
        }
      >
        {status.tasks.length === 0 ? (
          <p class="muted">It has no tasks now.</p>
        ) : (
          <TaskTable name={name} status={status} taskOf={taskOf} refresh={refresh} />
        )}
      </Card>
      <Card title="About">
        <p>
          Class {measured?.connector.class ?? "…"}, version {status.connector.version ?? "not loaded"}, on{" "}
          {status.connector.worker_id}.
        </p>
        <p>Topics: {topics?.[name]?.topics.join(", ") || "none used yet"}</p>
      </Card>
    </>
  );
}

function TaskTable({
  name,
  status,
  taskOf,
  refresh,
}: {
  readonly name: string;
  readonly status: Status;
  readonly taskOf: (id: number) => Task | undefined;
  readonly refresh: () => void;
}): JSX.Element {
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">Task</th>
          <th scope="col">State</th>
          <th scope="col">Worker</th>
          <th scope="col" class="number">
            Records/s
          </th>
          <th scope="col">Behind</th>
          <th scope="col">Last commit</th>
          <th scope="col">Errors</th>
          <th scope="col">
            <span class="muted">Act</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {status.tasks.map(({ id, state, worker_id, trace }) => {
          const task = taskOf(id);
          return (
            <>
              <tr key={id}>
                <td class="name" data-label="Task">
                  {id}
                </td>
                <td data-label="State">
                  <State state={state} />
                </td>
                <td data-label="Worker">{worker_id}</td>
                <td class="number" data-label="Records/s">
                  {short(task?.recordsPerSecond ?? 0)}
                </td>
                <td data-label="Behind">{task === undefined ? "–" : lagText(task.lag)}</td>
                <td data-label="Last commit">
                  {timeText(task?.commits.lastAt == null ? null : Date.parse(task.commits.lastAt))}
                </td>
                <td data-label="Errors">{task?.errors.errors ?? 0}</td>
                <td data-label="Act">
                  <Action run={() => ask("POST", connectorPath(name, `/tasks/${id}/restart`))} done={refresh}>
                    Restart task {id}
                  </Action>
                </td>
              </tr>
              {trace !== undefined && (
                <tr key={`${id}-trace`}>
                  <td colSpan={8} data-label="Trace">
                    <details open>
                      <summary>Trace of task {id}</summary>
                      <Lines label="Trace">{trace}</Lines>
                    </details>
                  </td>
                </tr>
              )}
            </>
          );
        })}
      </tbody>
    </table>
  );
}
