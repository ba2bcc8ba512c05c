import { ConnectError, type Logger, type PluginGauge, type PluginMetrics, type PluginSeries } from "@millrace/connect";
import type { PluginMetric } from "@millrace/protocol";

interface Registered extends Omit<PluginMetric, "value"> {
  read(): number | null;
}

/** Of one task: a connector that makes a label of what it reads must not fill the memory of whoever scrapes. */
const SERIES_MAX = 200;
const NAME = /^[a-z][a-z0-9_]{0,80}$/;
const ALIAS = /^[a-zA-Z_][a-zA-Z0-9_]{0,120}$/;
const RESERVED = new Set(["connector", "task"]);

/** What the code of one task measures itself: registered once, read when somebody asks for metrics. */
export class TaskPluginMetrics implements PluginMetrics {
  #series = new Map<string, Registered>();
  #logger: Logger;
  #full = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  gauge(name: string, options: PluginGauge): void {
    const { read, ...about } = options;
    this.#add({ name, kind: "gauge", ...withDefaults(about), read });
  }

  counter(name: string, series: PluginSeries): { add(n?: number): void } {
    let count = 0;
    if (!name.endsWith("_total")) throw invalid(name, "a counter's name ends in _total");
    this.#add({ name, kind: "counter", ...withDefaults(series), read: () => count });
    return {
      add: (n = 1) => {
        count += n;
      },
    };
  }

  /** What throws while it is read is not known now. */
  read(): PluginMetric[] {
    return [...this.#series.values()].map(({ read, ...about }) => ({ ...about, value: valueNow(read) }));
  }

  #add(series: Registered): void {
    const { name, labels, alias } = series;
    if (!NAME.test(name)) throw invalid(name, "use small letters, digits and _");
    if (alias !== null && !ALIAS.test(alias.name)) throw invalid(alias.name, "use letters, digits and _");
    for (const label of Object.keys(labels)) {
      if (!NAME.test(label) || RESERVED.has(label)) throw invalid(name, `a label cannot be called '${label}'`);
    }
    const key = JSON.stringify([name, labels]);
    if (this.#series.size < SERIES_MAX || this.#series.has(key)) this.#series.set(key, series);
    else if (!this.#full) {
      this.#full = true;
      this.#logger.warn("the connector has too many metrics; further ones are left out", { name, max: SERIES_MAX });
    }
  }
}

function withDefaults({ help, labels = {}, alias = null }: PluginSeries) {
  return { help, labels, alias };
}

function valueNow(read: () => number | null): number | null {
  try {
    const value = read();
    return typeof value === "number" && Number.isFinite(value) ? value : null;
  } catch {
    return null;
  }
}

function invalid(name: string, what: string): ConnectError {
  return new ConnectError(`'${name}' cannot be the name of a metric: ${what}`, { code: "METRIC_NAME" });
}
