import type { Logger } from "@millrace/connect";
import type { Settings } from "../config/settings.ts";
import { type PgConnection, quoteName, quoteText } from "../wire/pg-connection.ts";

export interface PlainName {
  readonly schema: string;
  readonly name: string;
}

/**
 * Tables that have come to the publication of a connector that runs already: their rows are to be read while the stream goes
 * on. Which ones stands in the database until Kafka has it that their reading has begun: in a publication of its own, that is
 * read by nobody.
 */
export class AddedTables {
  readonly #connection: PgConnection;
  readonly #publication: string;
  readonly #marker: string;

  constructor(connection: PgConnection, { publication }: Settings) {
    this.#connection = connection;
    this.#publication = publication.name;
    this.#marker = `${publication.name.slice(0, NAME_BYTES_MAX - SUFFIX.length)}${SUFFIX}`;
  }

  /** To be called before the publication gets them, so that no stop forgets them. */
  async note(tables: readonly PlainName[], logger: Logger): Promise<void> {
    const present = await this.#tablesOf(this.#publication);
    if (present === null || present.length === 0) return;
    const noted = await this.#tablesOf(this.#marker);
    const known = new Set([...present, ...(noted ?? [])].map(idOf));
    const added = tables.filter((table) => !known.has(idOf(table)));
    if (added.length === 0) return;
    const list = added.map(({ schema, name }) => `${quoteName(schema)}.${quoteName(name)}`).join(", ");
    const marker = quoteName(this.#marker);
    // One that publishes no change costs the writers of the tables nothing.
    const sql = `CREATE PUBLICATION ${marker} FOR TABLE ${list} WITH (publish = '')`;
    await this.#connection.query(noted === null ? sql : `ALTER PUBLICATION ${marker} ADD TABLE ${list}`);
    logger.info("The rows of added tables will be read while the stream goes on.", { tables: added.map(idOf) });
  }

  /** `schema.table` of those whose reading has not begun. */
  async pending(): Promise<string[]> {
    return ((await this.#tablesOf(this.#marker)) ?? []).map(idOf);
  }

  async forget(): Promise<void> {
    await this.#connection.query(`DROP PUBLICATION IF EXISTS ${quoteName(this.#marker)}`);
  }

  /** Null when there is no such publication, or one for all tables. */
  async #tablesOf(publication: string): Promise<PlainName[] | null> {
    const rows = await this.#connection.query(
      `SELECT n.nspname, c.relname FROM pg_catalog.pg_publication p
       LEFT JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid
       LEFT JOIN pg_catalog.pg_class c ON c.oid = r.prrelid
       LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE p.pubname = ${quoteText(publication)} AND NOT p.puballtables`,
    );
    if (rows.length === 0) return null;
    return rows.flatMap(({ nspname, relname }) => (relname == null ? [] : [{ schema: nspname!, name: relname }]));
  }
}

const SUFFIX = "_added";
const NAME_BYTES_MAX = 63;

const idOf = ({ schema, name }: PlainName): string => `${schema}.${name}`;
