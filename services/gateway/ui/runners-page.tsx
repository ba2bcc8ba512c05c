import type { JSX } from "preact";
import type { ClusterView } from "./api.ts";
import { Card } from "./parts.tsx";

/** Who runs the work, and how busy each is. */
export function RunnersPage({ view }: { readonly view: ClusterView }): JSX.Element {
  return (
    <>
      <h1>Runners</h1>
      {view.runners.map((runner) => (
        <Card key={runner.runner} title={runner.workerId}>
          <p>
            Version {runner.version}, {runner.connectors} connectors and {runner.tasks} tasks,{" "}
            {Math.round(runner.busy * 100)} % busy. {runner.hostCrashes} host crashes, {runner.watchdogKills} ended by
            the watchdog.
          </p>
          <table class="cards">
            <thead>
              <tr>
                <th scope="col">Task host</th>
                <th scope="col" class="number">
                  Processors in use
                </th>
                <th scope="col" class="number">
                  Connectors
                </th>
                <th scope="col" class="number">
                  Tasks
                </th>
              </tr>
            </thead>
            <tbody>
              {runner.hosts.map((host) => (
                <tr key={host.pid}>
                  <td class="name" data-label="Task host">
                    process {host.pid}
                  </td>
                  <td class="number" data-label="Processors in use">
                    {host.busy.toFixed(2)}
                  </td>
                  <td class="number" data-label="Connectors">
                    {host.connectors}
                  </td>
                  <td class="number" data-label="Tasks">
                    {host.tasks}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Card>
      ))}
      {view.runners.length === 0 && <p>No runner has reported yet.</p>}
    </>
  );
}
