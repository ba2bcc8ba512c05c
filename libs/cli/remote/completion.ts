// Pure: what a shell may complete, and the scripts that make it ask.
import type { OptionSpecs } from "../arguments.ts";

export interface Completable {
  readonly options: OptionSpecs;
  /** First words of what has several commands in it. */
  readonly words?: readonly string[];
  /** Takes names of connectors. */
  readonly connectors?: boolean;
}

export interface Completion {
  readonly words: readonly string[];
  /** Names of connectors fit too. */
  readonly connectors: boolean;
  /** Files fit too: the shell's own completion. */
  readonly files: boolean;
}

const FILES = new Set(["-f", "--filename", "--value-file"]);

/** @param typed the words after `millrace`, the last of which is being typed. */
export function completionsFor(typed: readonly string[], commands: Readonly<Record<string, Completable>>): Completion {
  const none = { words: [], connectors: false, files: false };
  const last = typed.at(-1) ?? "";
  if (typed.length <= 1) return { ...none, words: starting(Object.keys(commands), last) };
  const command = commands[typed[0]!];
  if (command === undefined) return none;
  const before = typed.at(-2)!;
  if (FILES.has(before)) return { ...none, files: true };
  if (before === "-o" || before === "--output")
    return { ...none, words: starting(["table", "wide", "json", "yaml"], last) };
  if (before === "--to") return { ...none, words: starting(["topic", "connector"], last) };
  if (last.startsWith("-")) {
    const names = Object.entries(command.options).flatMap(([name, { short }]) => [
      `--${name}`,
      ...(short === undefined ? [] : [`-${short}`]),
    ]);
    return { ...none, words: starting(names, last) };
  }
  if (command.words !== undefined && typed.length === 2) return { ...none, words: starting(command.words, last) };
  return { ...none, connectors: command.connectors === true };
}

function starting(words: readonly string[], prefix: string): string[] {
  return words.filter((word) => word.startsWith(prefix));
}

/** Each asks `millrace __complete` with the words typed so far; a line `:files` has the shell complete files. */
export const completionScripts: Readonly<Record<string, string>> = {
  bash: `_millrace() {
  local IFS=$'\\n' answer
  answer=$(millrace __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [ "$answer" = ":files" ]; then COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")); return; fi
  COMPREPLY=($(compgen -W "$answer" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _millrace millrace
`,
  zsh: `#compdef millrace
_millrace() {
  local -a answer
  answer=("\${(@f)$(millrace __complete "\${words[@]:1:$((CURRENT-1))}" 2>/dev/null)}")
  if [[ "$answer[1]" == ":files" ]]; then _files; else compadd -- $answer; fi
}
compdef _millrace millrace
`,
  fish: `function __millrace_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l answer (millrace __complete $words[2..-1] 2>/dev/null)
  if test "$answer" = ":files"
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $answer
  end
end
complete -c millrace -f -a '(__millrace_complete)'
`,
};
