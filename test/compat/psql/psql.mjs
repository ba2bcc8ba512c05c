// As much of psql as the change data kit asks for: runs the statements of stdin one by one, prints rows as `-A -t` does.
import { text } from "node:stream/consumers";
import pg from "pg";
import { statements } from "./statements.mjs";

const given = new Map();
for (let i = 2; i < process.argv.length; i++) {
  if (/^-[hpUd]$/.test(process.argv[i])) given.set(process.argv[i][1], process.argv[++i]);
}
const client = new pg.Client({
  host: given.get("h"),
  port: Number(given.get("p")),
  user: given.get("U"),
  database: given.get("d"),
  password: process.env.PGPASSWORD,
  options: `${process.env.PGOPTIONS ?? ""} -c timezone=UTC`,
  types: { getTypeParser: () => (value) => value },
});
try {
  await client.connect();
  for (const sql of statements(await text(process.stdin))) {
    const { rows } = await client.query({ text: sql, rowMode: "array" });
    for (const row of rows) console.log(row.map((value) => value ?? "").join("|"));
  }
} catch (error) {
  console.error(`ERROR:  ${error.message}`);
  process.exitCode = 3;
} finally {
  await client.end();
}
