// Pure: the statements of an SQL script.

/** What a semicolon does not end: texts, names, dollar quotes, comments. */
const WHOLE = /[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[\s\S]*?\1|--[^\n]*|\/\*[\s\S]*?\*\//y;

export function statements(script) {
  const found = [];
  let from = 0;
  for (let at = 0; at < script.length; ) {
    WHOLE.lastIndex = at;
    const whole = WHOLE.exec(script);
    // The E of a text must not be the end of a word.
    if (whole !== null && !(/[eE]/.test(script[at]) && /\w/.test(script[at - 1] ?? ""))) {
      at += whole[0].length;
    } else if (script[at++] === ";") {
      found.push(script.slice(from, at - 1));
      from = at;
    }
  }
  found.push(script.slice(from));
  return found.filter((statement) => statement.replace(/--[^\n]*/g, "").trim() !== "");
}
