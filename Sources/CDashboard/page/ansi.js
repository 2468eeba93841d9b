// Colours of terminal output. Only what changes the look of letters is honoured, in the colours of our own palette, which
// can be read on our ground: nothing can be hidden, moved or drawn over. Every other sequence is shown as what it is.

const SEQUENCE = /\x1b\[([0-9;:]{0,64})m/g;

export const PLAIN = Object.freeze({ color: null, bold: false, dim: false, italic: false, underline: false, inverse: false });

/** The look behind `text` that begins with the look `style`. */
export function styleAfter(text, style) {
  for (const match of text.matchAll(SEQUENCE)) style = applied(match[1], style);
  return style;
}

/** `text` in pieces of one look each: `{text, style}`. */
export function* pieces(text, style) {
  let from = 0;
  for (const match of text.matchAll(SEQUENCE)) {
    if (from < match.index) yield { text: text.slice(from, match.index), style };
    style = applied(match[1], style);
    from = match.index + match[0].length;
  }
  if (from < text.length) yield { text: text.slice(from), style };
}

export function classes(style) {
  const names = [];
  if (style.color !== null) names.push(`ansi-${style.color}`);
  for (const name of ["bold", "dim", "italic", "underline", "inverse"]) if (style[name]) names.push(`ansi-${name}`);
  return names.join(" ");
}

function applied(codes, style) {
  const numbers = codes === "" ? [0] : codes.split(/[;:]/).map(Number);
  const next = { ...style };
  for (let at = 0; at < numbers.length; at += 1) {
    const code = numbers[at];
    if (code === 0) Object.assign(next, PLAIN);
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 3) next.italic = true;
    else if (code === 4) next.underline = true;
    else if (code === 7) next.inverse = true;
    else if (code === 22) next.bold = next.dim = false;
    else if (code === 23) next.italic = false;
    else if (code === 24) next.underline = false;
    else if (code === 27) next.inverse = false;
    else if (code >= 30 && code <= 37) next.color = code - 30;
    else if (code >= 90 && code <= 97) next.color = code - 90;
    else if (code === 39) next.color = null;
    else if (code === 38 || code === 48) {
      const isIndexed = numbers[at + 1] === 5;
      const color = isIndexed ? indexed(numbers[at + 2]) : nearest(numbers[at + 2], numbers[at + 3], numbers[at + 4]);
      if (code === 38) next.color = color;
      at += isIndexed ? 2 : 4;
    }
  }
  return next;
}

function indexed(number) {
  if (number < 16) return number % 8;
  if (number >= 232) return number > 243 ? 7 : 0;
  const value = number - 16;
  return nearest(Math.floor(value / 36) * 51, (Math.floor(value / 6) % 6) * 51, (value % 6) * 51);
}

function nearest(red, green, blue) {
  const strongest = Math.max(red, green, blue);
  if (!(strongest > 40)) return 0;
  const bit = (value) => (value > strongest * 0.6 ? 1 : 0);
  return bit(red) + 2 * bit(green) + 4 * bit(blue);
}
