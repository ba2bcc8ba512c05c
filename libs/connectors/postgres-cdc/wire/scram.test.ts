import assert from "node:assert/strict";
import { test } from "node:test";
import { Scram } from "./scram.ts";

// The example of RFC 7677, with the empty user name that Postgres expects.
test("answers a challenge and checks that the server knows the password", () => {
  const scram = new Scram("pencil", "rOprNGfwEbeRWgbNEkqO");
  assert.equal(scram.first(), "n,,n=,r=rOprNGfwEbeRWgbNEkqO");
  const challenge = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
  const answer = scram.final(challenge);
  assert.match(answer, /^c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj\)hNlF\$k0,p=.{43}=$/);
  assert.throws(() => scram.verify("v=AAAA"), /did not prove/);
  assert.throws(() => new Scram("x", "abc").final("r=other,s=W22Z,i=1"), /not valid/);
});
