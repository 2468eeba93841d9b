// Text of strangers: nothing in it may reorder, hide or imitate what is read (SECURITY R52). What could is shown as an
// escape, set apart from typed letters.

const UNSAFE = "[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Co}\\p{Cn}\\p{Cs}\\p{DI}\\u2800\\xA0\\u1680\\u2000-\\u200A\\u202F\\u205F\\u3000]";
const ANY = new RegExp(UNSAFE, "u");
const INLINE = new RegExp(`${UNSAFE}+`, "gu");
const LINES = new RegExp(`(?:(?![\\n\\t])${UNSAFE})+`, "gu");
const NAMED = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e" };

function escaped(characters) {
  let shown = "";
  for (const character of characters) {
    const digits = character.codePointAt(0).toString(16);
    shown += NAMED[character] ?? (digits.length > 4 ? `\\u{${digits}}` : `\\u${digits.padStart(4, "0")}`);
  }
  return shown;
}

/** `text` for places without elements, such as a title. */
export function plain(text) {
  return ANY.test(text) ? text.replace(INLINE, escaped) : text;
}

/** `text` as nodes; `keepsLines` leaves line feeds and tabs as they are. */
export function nodes(text, keepsLines = false) {
  if (!ANY.test(text)) return [document.createTextNode(text)];
  const made = [];
  let from = 0;
  for (const match of text.matchAll(keepsLines ? LINES : INLINE)) {
    if (from < match.index) made.push(document.createTextNode(text.slice(from, match.index)));
    const mark = document.createElement("span");
    mark.className = "escape";
    mark.textContent = escaped(match[0]);
    made.push(mark);
    from = match.index + match[0].length;
  }
  if (from < text.length) made.push(document.createTextNode(text.slice(from)));
  return made;
}

export const capital = (text) => text.replace(/^./, (letter) => letter.toUpperCase());

/** At most `limit` characters, with what is missing named. */
export function short(text, limit) {
  if (text.length <= limit) return text;
  // A character outside the first plane is never cut in two.
  const end = /[\uD800-\uDBFF]/.test(text[limit - 1]) ? limit - 1 : limit;
  return `${text.slice(0, end)}… (${(text.length - end).toLocaleString("en")} more)`;
}
