// Where set-up keeps things: the checkout, and the cache shared by all checkouts of one user.
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const checkoutDir = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
export const cacheDir =
  process.env.MILLRACE_CACHE_DIR || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "millrace");

const kafkaVersion = "4.3.1";
export const kafkaDir = join(cacheDir, `kafka-${kafkaVersion}`);
export const kafkaJarsDir = join(kafkaDir, "jars");
/** A log directory as `kafka-storage format` leaves it: copied, it spares each new broker a second of formatting. */
export const kafkaFormattedDir = join(kafkaDir, "formatted");
/** Parsed classes of a started broker (class data sharing): halves the time a broker takes to start. */
export const kafkaClassesFile = join(kafkaDir, "classes.jsa");

export const elasticsearchVersion = "8.19.21";
export const elasticsearchDir = join(cacheDir, `elasticsearch-${elasticsearchVersion}`);

export const natsDir = join(cacheDir, "nats-server");
export const prometheusDir = join(cacheDir, "prometheus");
export const logsDir = join(cacheDir, "logs");
