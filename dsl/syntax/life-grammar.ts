import { ExpressionGrammar, type Rule } from './expression-grammar.ts';
import * as t from './tokens.ts';

const { reserved: r, contextual: c } = t;

/** The clauses about the life of a detection: how severe it is, what follows from it, when it changes and ends. */
export class LifeGrammar extends ExpressionGrammar {
  readonly severityClause: Rule = this.RULE('severityClause', () => {
    this.CONSUME(c.SEVERITY);
    this.OR([
      { ALT: () => this.SUBRULE(this.caseExpression) },
      { ALT: () => this.CONSUME(t.Identifier, { LABEL: 'word' }) },
    ]);
  });

  readonly respondClause: Rule = this.RULE('respondClause', () => {
    this.CONSUME(c.RESPOND);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Identifier, { LABEL: 'response' }) });
    this.CONSUME(r.ON);
    this.SUBRULE(this.name);
    this.OPTION(() => {
      this.CONSUME(c.WHILE);
      this.CONSUME(c.OPEN);
    });
  });

  readonly riskClause: Rule = this.RULE('riskClause', () => {
    this.CONSUME(c.RISK);
    this.SUBRULE(this.expression);
    this.CONSUME(r.ON);
    this.CONSUME(t.Identifier, { LABEL: 'type' });
    this.SUBRULE(this.name);
    this.CONSUME(c.HALF);
    this.CONSUME(c.LIFE);
    this.SUBRULE(this.lifeDuration);
  });

  readonly escalateClause: Rule = this.RULE('escalateClause', () => {
    this.CONSUME(c.ESCALATE);
    this.CONSUME(r.WHEN);
    this.SUBRULE(this.expression);
    this.CONSUME(c.TO);
    this.CONSUME(t.Identifier, { LABEL: 'severity' });
  });

  readonly updateClause: Rule = this.RULE('updateClause', () => {
    this.CONSUME(c.UPDATE);
    this.CONSUME(c.AT);
    this.CONSUME(r.END);
  });

  readonly closeClause: Rule = this.RULE('closeClause', () => {
    this.CONSUME(c.CLOSE);
    this.CONSUME(c.AFTER);
    this.SUBRULE(this.lifeDuration);
    this.CONSUME(c.QUIET);
  });

  readonly stateClause: Rule = this.RULE('stateClause', () => {
    this.CONSUME(c.STATE);
    this.CONSUME(c.MAX);
    this.CONSUME(t.NumberLiteral);
    this.CONSUME(c.KEYS);
  });

  readonly retentionClause: Rule = this.RULE('retentionClause', () => {
    this.CONSUME(c.RETENTION);
    this.SUBRULE(this.lifeDuration);
  });

  readonly lifeDuration: Rule = this.RULE('lifeDuration', () => {
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

  /** One of the clauses after the SELECT. */
  readonly lifeClause: Rule = this.RULE('lifeClause', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.respondClause) },
      { ALT: () => this.SUBRULE(this.riskClause) },
      { ALT: () => this.SUBRULE(this.escalateClause) },
      { ALT: () => this.SUBRULE(this.updateClause) },
      { ALT: () => this.SUBRULE(this.closeClause) },
      { ALT: () => this.SUBRULE(this.stateClause) },
      { ALT: () => this.SUBRULE(this.retentionClause) },
    ]);
  });
}
