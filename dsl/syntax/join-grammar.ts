import type { Rule } from './expression-grammar.ts';
import { PolicyGrammar } from './policy-grammar.ts';
import * as t from './tokens.ts';

const { reserved: r, contextual: c } = t;

/** What rows come from: names, SELECTs in brackets, JOIN; and lengths of time. */
export class JoinGrammar extends PolicyGrammar {
  /** Of the grammar of statements, which is made of this one, like `select`. */
  declare readonly footerClause: Rule;

  /** A SELECT, and before it the views that are its own. */
  readonly query: Rule = this.RULE('query', () => {
    this.OPTION(() => {
      this.CONSUME(r.WITH);
      this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.localView) });
    });
    this.SUBRULE(this.select);
  });

  readonly localView: Rule = this.RULE('localView', () => {
    this.CONSUME(t.Identifier, { LABEL: 'name' });
    this.CONSUME(r.AS);
    this.SUBRULE(this.bracketed);
  });

  readonly bracketed: Rule = this.RULE('bracketed', () => {
    this.CONSUME(t.OpenParen);
    this.SUBRULE(this.query);
    this.MANY(() => this.SUBRULE(this.footerClause));
    this.CONSUME(t.CloseParen);
  });

  /** That a SELECT in brackets needs a name is said by the tree's maker, in better words. */
  readonly source: Rule = this.RULE('source', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Identifier, { LABEL: 'source' }) },
      { ALT: () => this.SUBRULE(this.bracketed) },
    ]);
    this.OPTION(() => {
      this.CONSUME(r.AS);
      this.CONSUME1(t.Identifier, { LABEL: 'alias' });
    });
  });

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
    this.SUBRULE(this.source);
    this.OPTION1(() => this.SUBRULE(this.joinDistance));
    this.CONSUME(r.ON);
    this.SUBRULE(this.expression);
  });

  /** `CROSS JOIN UNNEST(tags) AS t(tag)`. That it needs the name in brackets is said by the tree's maker. */
  readonly unnestClause: Rule = this.RULE('unnestClause', () => {
    this.CONSUME(c.CROSS);
    this.CONSUME(r.JOIN);
    this.CONSUME(c.UNNEST);
    this.CONSUME(t.OpenParen);
    this.SUBRULE(this.expression);
    this.CONSUME(t.CloseParen);
    this.OPTION(() => {
      this.CONSUME(r.AS);
      this.CONSUME(t.Identifier, { LABEL: 'alias' });
      this.OPTION1(() => {
        this.CONSUME1(t.OpenParen);
        this.CONSUME1(t.Identifier, { LABEL: 'column' });
        this.CONSUME1(t.CloseParen);
      });
    });
  });

  /** WITHIN 10 MINUTES, WITHIN (BEFORE 1 MINUTE, AFTER 10 MINUTES), WITHIN (AFTER 10 MINUTES). */
  override readonly joinDistance: Rule = this.RULE('joinDistance', () => {
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
