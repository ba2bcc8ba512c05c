import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ClusterView } from "./api.ts";
import { rateSeries, totalSeries } from "./flow-history.ts";
import { lagText, short, shortClass } from "./format.ts";
import { Card, State } from "./parts.tsx";
import { Plot } from "./plot.tsx";
import { Sparkline } from "./sparkline.tsx";

type Row = ClusterView["connectors"][number];
type SortKey = "name" | "state" | "rate" | "errors";

const PAGE_ROWS = 50;

const orders: Readonly<Record<SortKey, (a: Row, b: Row) => number>> = {
  name: (a, b) => a.name.localeCompare(b.name),
  state: (a, b) => worst(b) - worst(a) || a.name.localeCompare(b.name),
  rate: (a, b) => b.recordsPerSecond - a.recordsPerSecond || a.name.localeCompare(b.name),
  errors: (a, b) => b.errors.errors - a.errors.errors || a.name.localeCompare(b.name),
};

/** What fails comes first. */
function worst({ state, taskStates }: Row): number {
  if (state === "FAILED") return 3;
  if ((taskStates.FAILED ?? 0) > 0) return 2;
  return state === "RUNNING" ? 0 : 1;
}

/** Every connector with what it does now. */
export function OverviewPage({ view }: { readonly view: ClusterView }): JSX.Element {
  const { connectors, runners } = view;
  const failing = connectors.filter((row) => worst(row) >= 2).length;
  const rate = connectors.reduce((sum, { recordsPerSecond }) => sum + recordsPerSecond, 0);
  const dead = connectors.reduce((sum, { errors }) => sum + errors.deadLetters, 0);
  const tiles: readonly (readonly [string, string])[] = [
    ["Connectors", String(connectors.length)],
    ["Running", String(connectors.filter(({ state }) => state === "RUNNING").length)],
    ["With failures", String(failing)],
    ["Records a second", short(rate)],
    ["Dead letters", short(dead)],
    [
      "Runners",
      view.missingRunners > 0 ? `${runners.length - view.missingRunners} of ${runners.length}` : String(runners.length),
    ],
  ];
  return (
    <>
      <h1>Overview</h1>
      <dl class="tiles">
        {tiles.map(([title, value]) => (
          <div class="tile" key={title}>
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Card title="Throughput">
        <Plot title="All connectors" unit="records/s" series={totalSeries()} />
      </Card>
      <Card
        title="Connectors"
        aside={
          <a class="button main" href="#/new">
            New connector
          </a>
        }
      >
        {connectors.length === 0 ? (
          <p>
            There is no connector yet. <a href="#/new">Make the first one.</a>
          </p>
        ) : (
          <ConnectorTable rows={connectors} />
        )}
      </Card>
    </>
  );
}

function ConnectorTable({ rows }: { readonly rows: readonly Row[] }): JSX.Element {
  const [text, setText] = useState("");
  const [state, setState] = useState("");
  const [sort, setSort] = useState<SortKey>("state");
  const [page, setPage] = useState(0);
  const wanted = text.toLowerCase();
  const found = rows
    .filter((row) => row.name.toLowerCase().includes(wanted) || (row.class ?? "").toLowerCase().includes(wanted))
    .filter((row) => state === "" || row.state === state || (state === "FAILED" && worst(row) >= 2))
    .sort(orders[sort]);
  const pages = Math.max(1, Math.ceil(found.length / PAGE_ROWS));
  const at = Math.min(page, pages - 1);
  const head = (key: SortKey, title: string, number = false) => (
    <th
      scope="col"
      class={number ? "number" : ""}
      aria-sort={sort === key ? (number ? "descending" : "ascending") : "none"}
    >
      <button type="button" onClick={() => setSort(key)}>
        {title}
        {sort === key ? " ▾" : ""}
      </button>
    </th>
  );
  return (
    <>
      <div class="filters">
        <label>
          Filter
          <input
            type="search"
            value={text}
            placeholder="name or class"
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <label class="small">
          State
          <select value={state} onChange={(event) => setState(event.currentTarget.value)}>
            <option value="">any</option>
            {["RUNNING", "PAUSED", "STOPPED", "FAILED", "RESTARTING", "UNASSIGNED"].map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      </div>
      <table class="cards">
        <thead>
          <tr>
            {head("name", "Name")}
            <th scope="col">Class</th>
            {head("state", "State")}
            <th scope="col">Tasks</th>
            {head("rate", "Records/s", true)}
            <th scope="col">Last minutes</th>
            <th scope="col">Behind</th>
            {head("errors", "Errors", true)}
          </tr>
        </thead>
        <tbody>
          {found.slice(at * PAGE_ROWS, (at + 1) * PAGE_ROWS).map((row) => (
            <tr key={row.name}>
              <td class="name" data-label="Name">
                <a href={`#/connectors/${encodeURIComponent(row.name)}`}>{row.name}</a>
              </td>
              <td data-label="Class">{shortClass(row.class)}</td>
              <td data-label="State">
                <State state={row.state} />
              </td>
              <td data-label="Tasks">
                <Tasks states={row.taskStates} />
              </td>
              <td class="number" data-label="Records/s">
                {short(row.recordsPerSecond)}
              </td>
              <td data-label="Last minutes">
                <Sparkline series={rateSeries(row.name)} />
              </td>
              <td data-label="Behind">{lagText(row.lag)}</td>
              <td class="number" data-label="Errors">
                {row.errors.errors}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="actions" aria-live="polite">
        <span class="muted">
          {found.length} of {rows.length}
        </span>
        {pages > 1 && (
          <>
            <button type="button" disabled={at === 0} onClick={() => setPage(at - 1)}>
              Previous
            </button>
            <span>
              Page {at + 1} of {pages}
            </span>
            <button type="button" disabled={at === pages - 1} onClick={() => setPage(at + 1)}>
              Next
            </button>
          </>
        )}
      </div>
    </>
  );
}

function Tasks({ states }: { readonly states: Readonly<Record<string, number>> }): JSX.Element {
  const total = Object.values(states).reduce((sum, count) => sum + count, 0);
  const failed = states.FAILED ?? 0;
  return (
    <>
      {states.RUNNING ?? 0}/{total} {failed > 0 && <span class="state failed">{failed} failed</span>}
    </>
  );
}
