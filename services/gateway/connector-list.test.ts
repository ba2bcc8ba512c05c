import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConnectorRecord } from "@millrace/protocol";
import type { Ask } from "./ask.ts";
import { ConnectorList } from "./connector-list.ts";

const { signal } = new AbortController();

/** A config service of two records a page. */
class Changes {
  readonly rows: { readonly name: string; readonly revision: number; readonly deleted: boolean }[] = [];
  readonly asked: number[] = [];
  revision = 0;

  put(name: string, deleted = false): void {
    const at = this.rows.findIndex((row) => row.name === name);
    if (at >= 0) this.rows.splice(at, 1);
    this.rows.push({ name, revision: ++this.revision, deleted });
  }

  readonly ask = (async (_: unknown, { sinceRevision }: { sinceRevision: number }) => {
    this.asked.push(sinceRevision);
    const newer = this.rows.filter(({ revision }) => revision > sinceRevision);
    const page = newer.slice(0, 2);
    return {
      connectors: page.filter(({ deleted }) => !deleted).map(({ name }) => ({ name }) as ConnectorRecord),
      deleted: page.filter(({ deleted }) => deleted).map(({ name }) => name),
      revision: page.at(-1)?.revision ?? this.revision,
      more: newer.length > page.length,
    };
  }) as unknown as Ask;
}

const names = async (list: ConnectorList) => (await list.read(signal)).map(({ name }) => name).join(" ");

test("ConnectorList reads all pages once, then what has changed, and is never behind", async () => {
  const changes = new Changes();
  const list = new ConnectorList(changes.ask);
  assert.equal(await names(list), "");
  for (const name of ["c", "a", "b"]) changes.put(name);
  assert.equal(await names(list), "a b c");
  changes.asked.length = 0;
  assert.equal(await names(list), "a b c");
  changes.put("b", true);
  changes.put("d");
  assert.equal(await names(list), "a c d");
  assert.deepEqual(changes.asked, [3, 3], "nothing is read twice");
});

test("ConnectorList reads everything anew when the database is an older one, and from time to time", async () => {
  const changes = new Changes();
  const list = new ConnectorList(changes.ask);
  for (const name of ["a", "b", "c"]) changes.put(name);
  assert.equal(await names(list), "a b c");
  changes.rows.splice(0);
  changes.revision = 0;
  changes.put("x");
  assert.equal(await names(list), "x");
  changes.rows.splice(0, 1, { name: "other", revision: 1, deleted: false });
  for (let i = 0; i < 500; i++) await list.read(signal);
  assert.equal(await names(list), "other");
});
