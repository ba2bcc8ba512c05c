import { labelsText, type MetricFamily, sample } from "@millrace/metrics";
import { millraceVersion } from "./version.ts";

/** Of this process, as Prometheus's own client libraries name it. @param service whose it is. */
export function processMetrics(service: string): MetricFamily[] {
  const labels = labelsText({ service });
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const startS = Math.round(Date.now() / 1_000 - process.uptime());
  const one = (name: string, type: MetricFamily["type"], help: string, value: number): MetricFamily => {
    return { name, type, help, samples: [sample(labels, value)] };
  };
  return [
    one("process_cpu_seconds_total", "counter", "Processor time used", (user + system) / 1e6),
    one("process_resident_memory_bytes", "gauge", "Memory in use", rss),
    one("process_start_time_seconds", "gauge", "Start, in seconds since the epoch", startS),
    one("nodejs_heap_size_used_bytes", "gauge", "JavaScript heap in use", heapUsed),
    {
      name: "millrace_service_info",
      type: "info",
      help: "Version of Millrace, by service",
      samples: [sample(labelsText({ service, version: millraceVersion }), 1)],
    },
  ];
}
