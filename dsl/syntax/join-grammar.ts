import type { Rule } from './expression-grammar.ts';
import { PolicyGrammar } from './policy-grammar.ts';
import * as t from './tokens.ts';

const { reserved: r, contextual: c } = t;

/** JOIN, and lengths of time. */
export class JoinGrammar extends PolicyGrammar {
  readonly duration: Rule = this.RULE('duration', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.NumberLiteral);
          this.CONSUME(t.Unit);
        },
      },
      { ALT: () => this.SUBRULE(this.interval) },
    ]);
  });

  readonly joinClause: Rule = this.RULE('joinClause', () => {
    this.OPTION(() => this.CONSUME(c.LEFT));
    this.CONSUME(r.JOIN);
    this.CONSUME(t.Identifier, { LABEL: 'source' });
    this.OPTION1(() => {
      this.CONSUME(r.AS);
      this.CONSUME1(t.Identifier, { LABEL: 'alias' });
    });
    this.OPTION2(() => this.SUBRULE(this.joinDistance));
    this.CONSUME(r.ON);
    this.SUBRULE(this.expression);
  });

  /** WITHIN 10 MINUTES, WITHIN (BEFORE 1 MINUTE, AFTER 10 MINUTES), WITHIN (AFTER 10 MINUTES). */
  readonly joinDistance: Rule = this.RULE('joinDistance', () => {
    this.CONSUME(c.WITHIN);
    this.OR([
      { ALT: () => this.SUBRULE(this.duration, { LABEL: 'both' }) },
      {
        ALT: () => {
          this.CONSUME(t.OpenParen);
          this.OR1([
            {
              ALT: () => {
                this.CONSUME(c.BEFORE);
                this.SUBRULE1(this.duration, { LABEL: 'before' });
                this.OPTION(() => {
                  this.CONSUME(t.Comma);
                  this.CONSUME(c.AFTER);
                  this.SUBRULE2(this.duration, { LABEL: 'after' });
                });
              },
            },
            {
              ALT: () => {
                this.CONSUME1(c.AFTER);
                this.SUBRULE3(this.duration, { LABEL: 'after' });
              },
            },
          ]);
          this.CONSUME(t.CloseParen);
        },
      },
    ]);
  });
}
