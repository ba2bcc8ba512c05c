/** About one series that a connector measures itself. */
export interface PluginSeries {
  /** In a line, for whoever reads the name in a dashboard. */
  readonly help: string;
  /** Few values each, known beforehand: never a key or an id of what is read. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Another name that the same number is shown under, with these labels only: one that existing dashboards know. */
  readonly alias?: { readonly name: string; readonly labels: Readonly<Record<string, string>> } | null;
}

export interface PluginGauge extends PluginSeries {
  /** Called when somebody asks for metrics: quick, without I/O. null: not known now. */
  readonly read: () => number | null;
}

/**
 * Metrics of a task that only its connector can measure. Shown as `millrace_connector_<name>` with the labels `connector` and
 * `task`; registering a series again replaces it. Units as Prometheus has them: `_seconds`, `_bytes`.
 *
 * Two names say how far a source is behind, and are shown as its lag: `lag_seconds` and `lag_bytes`.
 */
export interface PluginMetrics {
  /** @throws ConnectError for a name that cannot be one. */
  gauge(name: string, gauge: PluginGauge): void;
  /** Counts from 0. @param name ends in `_total`. @throws ConnectError for a name that cannot be one. */
  counter(name: string, series: PluginSeries): { add(n?: number): void };
}

/** Measures nothing: for tests, and where nobody reads metrics. */
export const noMetrics: PluginMetrics = {
  gauge() {},
  counter: () => ({ add() {} }),
};
