import type { deadLetterGroups, deadLetterList, deadLetterReplay } from "@millrace/protocol";
import type * as z from "zod";
import type { HostEnvironment } from "../environment.ts";
import { withRevealed } from "../with-revealed.ts";
import { openQueue, type Queue, readLetters } from "./dead-letter-queue-reader.ts";
import { deadLetter, type Letter } from "./letter.ts";
import { letterGroups } from "./letter-groups.ts";
import { replay } from "./replay.ts";

type Question<R extends { readonly request: z.ZodType }> = z.infer<R["request"]>;
type Answer<R extends { readonly reply: z.ZodType }> = z.infer<R["reply"]>;
type Asked = { readonly connector: string; readonly config: Readonly<Record<string, string>> };

/** Less than the bus gives a host: what takes longer is ended here, and says so. */
const TIMEOUT_MS = 75_000;
const ANSWER_CHARS_MAX = 400_000;

export function answerGroups(
  env: HostEnvironment,
  question: Question<typeof deadLetterGroups>,
): Promise<Answer<typeof deadLetterGroups>> {
  return withQueue(env, question, async (queue, signal) => {
    const { letters, more } = await readLetters(queue, signal);
    const { topic } = queue.settings;
    return { topic, letters: letters.length, more, groups: letterGroups(letters) };
  });
}

export function answerList(
  env: HostEnvironment,
  question: Question<typeof deadLetterList>,
): Promise<Answer<typeof deadLetterList>> {
  const { group, skip, limit } = question;
  return withQueue(env, question, async (queue, signal) => {
    const { letters } = await readLetters(queue, signal);
    const wanted = letters.filter((letter) => group === null || letter.group === group).sort(newestFirst);
    const shown: Answer<typeof deadLetterList>["letters"] = [];
    let chars = 0;
    for (const letter of wanted.slice(skip, skip + limit)) {
      const next = deadLetter(letter);
      chars += JSON.stringify(next).length;
      if (shown.length > 0 && chars > ANSWER_CHARS_MAX) break;
      shown.push(next);
    }
    return { topic: queue.settings.topic, letters: shown, more: skip + shown.length < wanted.length };
  });
}

export function answerReplay(
  env: HostEnvironment,
  question: Question<typeof deadLetterReplay>,
): Promise<Answer<typeof deadLetterReplay>> {
  const { to, choice, taskConfig } = question;
  return withQueue(env, question, async (queue, signal) => {
    const task = to === "connector" ? { config: await revealedTask(env, taskConfig ?? queue.config) } : null;
    const { replayed, already, failed } = await replay({ queue, choice, task, signal });
    return { replayed, already, failed: [...failed] };
  });
}

/** In its queue a letter's offset says when it came. */
function newestFirst(a: Letter, b: Letter): number {
  return a.record.partition - b.record.partition || b.record.offset - a.record.offset;
}

async function revealedTask(env: HostEnvironment, raw: Readonly<Record<string, string>>) {
  return (await env.providers.reveal(raw)).config;
}

function withQueue<T>(
  env: HostEnvironment,
  { connector, config: rawConfig }: Asked,
  answer: (queue: Queue, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withRevealed(env, rawConfig, async (config) => {
    const late = new AbortController();
    const cancel = env.clock.after(TIMEOUT_MS, () => late.abort(new Error("the dead letters took too long")));
    try {
      return await answer(openQueue(env, connector, config), late.signal);
    } finally {
      cancel();
    }
  });
}
