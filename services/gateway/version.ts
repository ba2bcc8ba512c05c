// Pure: what `GET /` tells clients about this build.
import { millraceVersion } from "@millrace/service/version";

/** The release of Kafka Connect whose REST API this is. Clients that compare versions read it first. */
export const connectVersion = "4.3.1";

export const restVersion = `${connectVersion}-millrace.${millraceVersion}`;

/** Shown when the build was not told its commit. Sixteen hex digits, as Connect shows. */
export const unknownCommit = "0000000000000000";
