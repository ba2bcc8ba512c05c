import assert from "node:assert/strict";
import { test } from "node:test";
import { Secrets } from "./secrets.ts";

const secrets = new Secrets(
  new Map([
    ["<short>", "key"],
    ["<part>", "hunter2"],
    ["<whole>", "hunter2-and-more"],
    ["<dollars>", "pa$$word"],
  ]),
);

test("Secrets hides every value of some length by its reference, the longest first", () => {
  assert.equal(secrets.hide("hunter2 hunter2-and-more key pa$$word"), "<part> <whole> key <dollars>");
  assert.equal(secrets.hide(""), "");
  assert.equal(Secrets.none.hide("hunter2"), "hunter2");
});

test("Secrets hides a value as settings are read, and as it stands in a URL or in JSON", () => {
  const odd = new Secrets(new Map([["<odd>", 'p@ss "word"\n']]));
  assert.equal(odd.hide('login p@ss "word" failed'), "login <odd> failed");
  assert.equal(odd.hide("postgres://u:p%40ss%20%22word%22@db"), "postgres://u:<odd>@db");
  assert.equal(odd.hide(JSON.stringify({ password: 'p@ss "word"' })), '{"password":"<odd>"}');
  const half = new Secrets(new Map([["<half>", "half \ud800 pair"]]));
  assert.equal(half.hide("a half \ud800 pair"), "a <half>");
});

test("Secrets of one may hide those of another as well", () => {
  const both = new Secrets(new Map([["<own>", "own secret"]]), secrets);
  assert.equal(both.hide("own secret, hunter2"), "<own>, <part>");
});
