// Pure: the metrics that Kafka Connect has not, described. Their names and units are as Prometheus advises.
import type { MetricCatalogue } from "./catalogue.ts";

export const OWN_METRICS: MetricCatalogue = {
  "millrace-task-metrics": {
    "lag-seconds": ["gauge", "How far behind: age of the latest record at the source, or of the next one to read"],
    "lag-bytes": ["gauge", "Bytes at the source that are still to be read"],
    "lag-records": ["gauge", "Records in the sink's topics that are still to be read"],
    "bytes-total": ["counter", "Bytes of keys and values sent to Kafka by a source, or read by a sink"],
    "bytes-rate": ["gauge", "Bytes of keys and values a second"],
    "records-filtered-total": ["counter", "Records that transforms have dropped"],
    "commits-total": ["counter", "Commits that succeeded: a source's transactions, a sink's offsets"],
    "commit-seconds-total": ["counter", "Time that these commits took"],
    "commit-failures-total": ["counter", "Commits that failed"],
    "commit-batches-total": ["counter", "Batches in these commits: several, where a commit was waited for"],
    "commit-batches-avg": ["gauge", "Mean number of batches in a commit"],
    "commit-batches-max": ["gauge", "Most batches in a commit"],
    "last-commit-timestamp-seconds": ["gauge", "Latest commit that succeeded, in seconds since the epoch; 0: none"],
    restarts: ["gauge", "Automatic restarts since a user started the task"],
    "last-start-timestamp-seconds": ["gauge", "Latest start, in seconds since the epoch"],
  },
  "millrace-runner-metrics": {
    hosts: ["gauge", "Task hosts of the runner"],
    "busy-ratio": ["gauge", "Share of the hosts' processor time in use, 0 to 1"],
    "host-starts-total": ["counter", "Task hosts started"],
    "host-crashes-total": ["counter", "Task hosts that ended without being asked to"],
    "watchdog-kills-total": ["counter", "Task hosts ended because their event loop stood still"],
    "work-restarts-total": ["counter", "Connectors and tasks started again because their host had ended"],
  },
  "millrace-scheduler-metrics": {
    leading: ["gauge", "1: this scheduler leads; of all, one does"],
    epoch: ["gauge", "With which it leads; 0: it does not"],
  },
  "millrace-cluster-metrics": {
    runners: ["gauge", "Runners that answer"],
    connectors: ["gauge", "Connectors there are"],
    tasks: ["gauge", "Tasks there are"],
    "unassigned-tasks": ["gauge", "Tasks that nobody runs"],
  },
  "millrace-scrape-metrics": {
    "duration-seconds": ["gauge", "Time that asking all runners took"],
    "missing-runners": ["gauge", "Runners that did not answer in time: their tasks are missing here"],
  },
};
