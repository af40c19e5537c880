import type { Rule } from './expression-grammar.ts';
import { FunctionGrammar } from './function-grammar.ts';
import * as t from './tokens.ts';

const { reserved: r, contextual: c } = t;

/** Statements about rules that stand outside of them: what a rule shall not count or show. */
export class PolicyGrammar extends FunctionGrammar {
  readonly exceptionStatement: Rule = this.RULE('exceptionStatement', () => {
    this.CONSUME(c.EXCEPTION);
    this.CONSUME(t.Identifier, { LABEL: 'name' });
    this.CONSUME(c.FOR);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME1(t.Identifier, { LABEL: 'rule' }) });
    this.OR([{ ALT: () => this.CONSUME(c.IGNORE) }, { ALT: () => this.CONSUME(c.MUTE) }]);
    this.CONSUME(r.WHERE);
    this.SUBRULE(this.expression);
    this.OPTION(() => {
      this.CONSUME(c.VALID);
      this.OPTION1(() => {
        this.CONSUME(r.FROM);
        this.CONSUME(t.Text, { LABEL: 'from' });
      });
      this.OPTION2(() => {
        this.CONSUME(c.TO);
        this.CONSUME1(t.Text, { LABEL: 'to' });
      });
    });
    this.SUBRULE(this.because);
    this.OPTION3(() => {
      this.CONSUME(c.OWNER);
      this.CONSUME2(t.Text, { LABEL: 'owner' });
    });
  });

  /** Which tenants let rules ACROSS TENANTS see their events. */
  readonly sharingClause: Rule = this.RULE('sharingClause', () => {
    this.CONSUME(c.SHARING);
    this.CONSUME(c.TENANTS);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Text) });
  });

  readonly tuneStatement: Rule = this.RULE('tuneStatement', () => {
    this.CONSUME(c.TUNE);
    this.CONSUME(t.Identifier, { LABEL: 'rule' });
    this.CONSUME(r.WHERE);
    this.SUBRULE(this.expression);
    this.CONSUME(c.SET);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.tuneValue) });
    this.SUBRULE(this.because);
    this.OPTION(() => {
      this.CONSUME(c.OWNER);
      this.CONSUME(t.Text, { LABEL: 'owner' });
    });
  });

  readonly tuneValue: Rule = this.RULE('tuneValue', () => {
    this.CONSUME(t.Identifier, { LABEL: 'name' });
    this.CONSUME(t.Equals);
    this.SUBRULE(this.signed);
  });

  readonly because: Rule = this.RULE('because', () => {
    this.CONSUME(c.BECAUSE);
    this.CONSUME(t.Text);
  });
}
