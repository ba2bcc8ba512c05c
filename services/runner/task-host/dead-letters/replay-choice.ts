// Pure: which letters are to be sent again.
import { type LetterChoice, type LetterEdit, ProtocolError } from "@millrace/protocol";
import { type Letter, letterId } from "./letter.ts";

export interface Chosen {
  readonly letter: Letter;
  readonly edit: LetterEdit | undefined;
}

/** @throws ProtocolError INVALID for letters that are not there, or given twice. */
export function chosenLetters(letters: readonly Letter[], choice: LetterChoice): Chosen[] {
  if ("all" in choice) return letters.map((letter) => ({ letter, edit: undefined }));
  if ("group" in choice) {
    const chosen = letters.filter(({ group }) => group === choice.group);
    if (chosen.length > 0) return chosen.map((letter) => ({ letter, edit: undefined }));
    throw new ProtocolError("INVALID", `There is no group ${choice.group} of dead letters; list the groups again`);
  }
  const place = ({ partition, offset }: { partition: number; offset: number }) => `${partition}-${offset}`;
  const known = new Map(letters.map((letter) => [place(letter.record), letter]));
  const edits = new Map(choice.letters.map((edit) => [place(edit), edit]));
  if (edits.size < choice.letters.length) throw new ProtocolError("INVALID", "A dead letter is chosen twice");
  return [...edits].map(([at, edit]) => {
    const letter = known.get(at);
    if (letter !== undefined) return { letter, edit };
    const text = `There is no dead letter with partition-offset ${at} among the newest; list them again`;
    throw new ProtocolError("INVALID", text);
  });
}

/** Those that were not sent yet. `replayed`: ids. */
export function notYetSent(chosen: readonly Chosen[], replayed: ReadonlySet<string>): Chosen[] {
  return chosen.filter(({ letter }) => !replayed.has(letterId(letter.record)));
}
