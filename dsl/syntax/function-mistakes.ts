import { before, here, type Mistake, wordAt } from './situation.ts';

const types = ['string', 'int', 'float', 'bool', 'timestamp', 'duration', 'ip', 'array', 'text'];
const form = 'write CREATE FUNCTION is_tool(agent string) RETURNS bool AS agent LIKE …';

/** CREATE FUNCTION as other systems have it: a body that is a SELECT or a RETURN, arguments without types. */
export const functionMistake: Mistake = (s) => {
  if (wordAt(s.tokens, 0) !== 'CREATE' || wordAt(s.tokens, 1) !== 'FUNCTION') return null;
  if (s.word === 'SELECT' && s.before === 'AS') {
    return {
      span: here(s),
      message: 'a function is an expression, and no query',
      label: 'write the expression itself',
    };
  }
  if (s.expected === 'AS') return { span: here(s), message: 'the expression of a function follows AS', label: form };
  if (s.expected === 'RETURNS') {
    return { span: here(s), message: 'a function says what it returns', label: 'write RETURNS bool before AS' };
  }
  if (s.expected === 'a name' && (s.word === ')' || s.word === ',') && s.before !== '(' && s.before !== ',') {
    const written = s.before.toLowerCase();
    const label = types.includes(written) ? `write x ${written}` : `write ${written} string`;
    return { span: before(s), message: 'an argument has a name and a type', label };
  }
  return null;
};
