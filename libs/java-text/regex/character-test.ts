// Pure: sets of characters as questions.

/** Lone surrogates are code points too. */
export type CharacterTest = (codePoint: number) => boolean;

export const anyCharacter: CharacterTest = () => true;

export function not(test: CharacterTest): CharacterTest {
  return (codePoint) => !test(codePoint);
}

export function either(one: CharacterTest, other: CharacterTest): CharacterTest {
  return (codePoint) => one(codePoint) || other(codePoint);
}

export function both(one: CharacterTest, other: CharacterTest): CharacterTest {
  return (codePoint) => one(codePoint) && other(codePoint);
}

export function within(first: number, last: number): CharacterTest {
  return (codePoint) => codePoint >= first && codePoint <= last;
}

/** @param inside what stands between the brackets of a JavaScript character class with the flag u. */
export function matching(inside: string): CharacterTest {
  const pattern = new RegExp(`^[${inside}]$`, "u");
  return (codePoint) => pattern.test(String.fromCodePoint(codePoint));
}

/** The same set, with the answers for ASCII looked up in a table. */
export function tabled(test: CharacterTest): CharacterTest {
  const ascii = new Uint8Array(128);
  for (let codePoint = 0; codePoint < 128; codePoint++) if (test(codePoint)) ascii[codePoint] = 1;
  return (codePoint) => (codePoint < 128 ? ascii[codePoint] === 1 : test(codePoint));
}
