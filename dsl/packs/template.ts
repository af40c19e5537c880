/**
 * `{i}` expressions in the texts of a rule test: '203.0.113.{i % 3}'. Whole numbers, i, + - * / %, and brackets; a tiny
 * evaluator of its own, because no text from a file becomes code. `/` is whole division as in most languages' integers;
 * `{{` and `}}` are braces.
 */
export interface Template {
  /** Literal texts and expressions in turn; a text without braces is one literal. */
  readonly parts: readonly (string | Evaluate)[];
  /** The text is one expression and nothing else: '{i}'. */
  readonly is_number: boolean;
}

export type Evaluate = (i: number) => number;

/** Thrown for a text that is no template; `offset` is in characters from its beginning. */
export class TemplateError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Reads a text with `{...}` in it. Throws TemplateError. */
export function parseTemplate(text: string): Template {
  const parts: (string | Evaluate)[] = [];
  let literal = '';
  let at = 0;
  while (at < text.length) {
    const character = text[at];
    if ((character === '{' || character === '}') && text[at + 1] === character) {
      literal += character;
      at += 2;
    } else if (character === '{') {
      const end = text.indexOf('}', at);
      if (end === -1) throw new TemplateError('{ without }', at);
      if (literal !== '') parts.push(literal);
      literal = '';
      parts.push(new ExpressionReader(text.slice(0, end), at + 1).whole());
      at = end + 1;
    } else {
      literal += character;
      at++;
    }
  }
  if (literal !== '' || parts.length === 0) parts.push(literal);
  return { parts, is_number: parts.length === 1 && typeof parts[0] !== 'string' };
}

/** The template's text for one i. */
export function fillTemplate(template: Template, i: number): string {
  return template.parts.map((part) => (typeof part === 'string' ? part : String(part(i)))).join('');
}

/** Recursive descent over sum := product (+- product)*, product := atom (*\/% atom)*, atom := number | i | -atom | (sum). */
class ExpressionReader {
  readonly #text: string;
  #at: number;

  constructor(text: string, start: number) {
    this.#text = text;
    this.#at = start;
  }

  whole(): Evaluate {
    const result = this.#sum(0);
    const rest = this.#peek();
    if (rest !== '') throw this.#error(`'${rest}' where + - * / % or } was expected`);
    return result;
  }

  #sum(depth: number): Evaluate {
    let left = this.#product(depth);
    for (let operator = this.#peek(); operator === '+' || operator === '-'; operator = this.#peek()) {
      this.#at++;
      const first = left;
      const second = this.#product(depth);
      left = operator === '+' ? (i) => first(i) + second(i) : (i) => first(i) - second(i);
    }
    return left;
  }

  #product(depth: number): Evaluate {
    let left = this.#atom(depth);
    for (
      let operator = this.#peek();
      operator === '*' || operator === '/' || operator === '%';
      operator = this.#peek()
    ) {
      this.#at++;
      const first = left;
      const second = this.#atom(depth);
      if (operator === '*') left = (i) => first(i) * second(i);
      else if (operator === '/') left = (i) => Math.trunc(first(i) / second(i));
      else left = (i) => first(i) % second(i);
    }
    return left;
  }

  #atom(depth: number): Evaluate {
    if (depth > 32) throw this.#error('brackets nest too deeply');
    const next = this.#peek();
    if (next === '-') {
      this.#at++;
      const inner = this.#atom(depth + 1);
      return (i) => -inner(i);
    }
    if (next === '(') {
      this.#at++;
      const inner = this.#sum(depth + 1);
      if (this.#peek() !== ')') throw this.#error('( without )');
      this.#at++;
      return inner;
    }
    const word = /^[A-Za-z_0-9]+/.exec(this.#text.slice(this.#at))?.[0] ?? '';
    if (word === 'i') {
      this.#at++;
      return (i) => i;
    }
    if (!/^\d{1,15}$/.test(word)) {
      throw this.#error(word === '' ? 'a number or i is missing' : `'${word}' is neither a whole number nor i`);
    }
    this.#at += word.length;
    const value = Number(word);
    return () => value;
  }

  /** The next character that is not a space; '' at the end. */
  #peek(): string {
    while (this.#text[this.#at] === ' ') this.#at++;
    return this.#text[this.#at] ?? '';
  }

  #error(message: string): TemplateError {
    return new TemplateError(message, this.#at);
  }
}
