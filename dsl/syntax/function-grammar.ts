import type { Rule } from './expression-grammar.ts';
import { LifeGrammar } from './life-grammar.ts';
import * as t from './tokens.ts';

const { reserved: r, contextual: c } = t;

/** CREATE FUNCTION: a name for an expression over arguments. */
export class FunctionGrammar extends LifeGrammar {
  readonly functionStatement: Rule = this.RULE('functionStatement', () => {
    this.CONSUME(c.FUNCTION);
    this.CONSUME(t.Identifier, { LABEL: 'name' });
    this.CONSUME(t.OpenParen);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.functionArgument) });
    this.CONSUME(t.CloseParen);
    this.CONSUME(c.RETURNS);
    this.CONSUME1(t.Identifier, { LABEL: 'returns' });
    this.CONSUME(r.AS);
    this.SUBRULE(this.expression);
  });

  readonly functionArgument: Rule = this.RULE('functionArgument', () => {
    this.CONSUME(t.Identifier, { LABEL: 'name' });
    this.CONSUME1(t.Identifier, { LABEL: 'type' });
  });
}
