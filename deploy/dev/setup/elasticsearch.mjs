// Elasticsearch: the server Elastic publishes for integration tests, by Maven. Without data streams and other modules.
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findCommand, run } from "./command.mjs";
import { ensureDebianPackages } from "./debian.mjs";
import { elasticsearchDir, elasticsearchVersion } from "./places.mjs";

const pomFile = fileURLToPath(new URL("../elasticsearch/pom.xml", import.meta.url));
const whatToDo =
  "check that Maven Central can be reached, then start again; " +
  "or start an Elasticsearch yourself and give its address in ELASTICSEARCH_URL";

export const elasticsearch = {
  name: "elasticsearch",
  title: "Elasticsearch",
  // Maven's local repository is not made for two at once, and one of the two installs it.
  after: ["kafka"],
  givenBy: "ELASTICSEARCH_URL",
  isReady: () => existsSync(elasticsearchDir) && findCommand("java") !== undefined,
  async install({ report, logFile }) {
    const packages = [];
    if (!findCommand("java")) packages.push("default-jre-headless");
    if (!findCommand("mvn") && !existsSync(elasticsearchDir)) packages.push("maven");
    await ensureDebianPackages(packages, { purpose: "to run Elasticsearch", report, logFile });
    if (existsSync(elasticsearchDir)) return;
    report("fetching it from Maven Central (97 MB)");
    const work = `${elasticsearchDir}.new`;
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    // Maven may write beside its pom, and the checkout is not its place.
    copyFileSync(pomFile, join(work, "pom.xml"));
    const options = ["-B", "-f", join(work, "pom.xml"), `-DoutputDirectory=${work}`, "-DexcludeTransitive=true"];
    await run("mvn", [...options, "dependency:unpack-dependencies"], { logFile, whatToDo });
    renameSync(join(work, `elasticsearch-${elasticsearchVersion}`), elasticsearchDir);
    rmSync(work, { recursive: true, force: true });
  },
};
