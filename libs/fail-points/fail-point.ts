import type { FailPoint } from "./fail-points.ts";

let passing: ((name: FailPoint) => void) | null = null;

/** A place where this process can be told to die or freeze; see `fail-points.ts`. Does nothing unless somebody listens. */
export function failPoint(name: FailPoint): void {
  if (passing !== null) passing(name);
}

/** From now on `pass` is called at every fail point of this process, in the middle of what happens there; null: no more. */
export function onFailPoint(pass: ((name: FailPoint) => void) | null): void {
  passing = pass;
}
