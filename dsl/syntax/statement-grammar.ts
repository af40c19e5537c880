import type { IParserConfig } from 'chevrotain';
import type { Rule } from './expression-grammar.ts';
import { JoinGrammar } from './join-grammar.ts';
import * as t from './tokens.ts';

const { reserved: r, contextual: c } = t;

/**
 * The grammar of statements. Constructs of later versions are not in it: where one stands the parser stops, and
 * refusals.ts names it.
 */
export class StatementGrammar extends JoinGrammar {
  constructor(config: IParserConfig) {
    super(config);
    this.performSelfAnalysis();
  }

  readonly statement: Rule = this.RULE('statement', () => {
    this.OR([{ ALT: () => this.SUBRULE(this.createStatement) }, { ALT: () => this.SUBRULE(this.tuneStatement) }]);
  });

  readonly createStatement: Rule = this.RULE('createStatement', () => {
    this.CONSUME(r.CREATE);
    this.OR([
      { ALT: () => this.SUBRULE(this.streamStatement) },
      { ALT: () => this.SUBRULE(this.ruleStatement) },
      { ALT: () => this.SUBRULE(this.viewStatement) },
      { ALT: () => this.SUBRULE(this.tableStatement) },
      { ALT: () => this.SUBRULE(this.lookupStatement) },
      { ALT: () => this.SUBRULE(this.exceptionStatement) },
      { ALT: () => this.SUBRULE(this.functionStatement) },
    ]);
  });

  readonly streamStatement: Rule = this.RULE('streamStatement', () => {
    this.CONSUME(c.STREAM);
    this.CONSUME(t.Identifier, { LABEL: 'name' });
    this.OPTION(() => {
      this.CONSUME(t.OpenParen);
      this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.fieldDeclaration) });
      this.CONSUME(t.CloseParen);
    });
    this.MANY(() =>
      this.OR([{ ALT: () => this.SUBRULE(this.streamSetting) }, { ALT: () => this.SUBRULE(this.sharingClause) }]),
    );
  });

  readonly fieldDeclaration: Rule = this.RULE('fieldDeclaration', () => {
    this.SUBRULE(this.name);
    this.CONSUME(t.Identifier, { LABEL: 'type' });
    this.OPTION(() => {
      this.CONSUME(r.NOT);
      this.CONSUME(r.NULL);
    });
  });

  readonly streamSetting: Rule = this.RULE('streamSetting', () => {
    this.OR([
      { ALT: () => this.CONSUME(c.LATENESS) },
      { ALT: () => this.CONSUME(c.IDLE) },
      {
        ALT: () => {
          this.CONSUME(c.MAX);
          this.CONSUME(c.AHEAD);
        },
      },
      { ALT: () => this.CONSUME(c.DEDUP) },
    ]);
    this.SUBRULE(this.duration);
  });

  readonly ruleStatement: Rule = this.RULE('ruleStatement', () => {
    this.CONSUME(c.RULE);
    this.CONSUME(t.Identifier, { LABEL: 'name' });
    this.MANY(() => this.SUBRULE(this.headerClause));
    this.CONSUME(r.AS);
    this.SUBRULE(this.query);
    this.MANY1(() => this.SUBRULE(this.footerClause));
  });

  readonly viewStatement: Rule = this.RULE('viewStatement', () => {
    this.CONSUME(c.VIEW);
    this.CONSUME(t.Identifier, { LABEL: 'name' });
    this.CONSUME(r.AS);
    this.SUBRULE(this.query);
    this.MANY(() => this.SUBRULE(this.footerClause));
  });

  readonly tableStatement: Rule = this.RULE('tableStatement', () => {
    this.CONSUME(c.TABLE);
    this.CONSUME(t.Identifier, { LABEL: 'name' });
    this.CONSUME(r.AS);
    this.SUBRULE(this.query);
    this.MANY(() => this.SUBRULE(this.footerClause));
  });

  readonly lookupStatement: Rule = this.RULE('lookupStatement', () => {
    this.CONSUME(c.LOOKUP);
    this.CONSUME(t.Identifier, { LABEL: 'name' });
    this.CONSUME(t.OpenParen);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.lookupPart) });
    this.CONSUME(t.CloseParen);
    this.CONSUME(r.WITH);
    this.CONSUME1(t.OpenParen);
    this.AT_LEAST_ONE_SEP1({ SEP: t.Comma, DEF: () => this.SUBRULE(this.lookupOption) });
    this.CONSUME1(t.CloseParen);
  });

  /** `PRIMARY KEY (a, b)`, or a column; PRIMARY followed by anything else is a column of that name. */
  readonly lookupPart: Rule = this.RULE('lookupPart', () => {
    this.OR({
      DEF: [
        {
          GATE: () => this.LA(2).tokenType === c.KEY && this.LA(3).tokenType === t.OpenParen,
          ALT: () => {
            this.CONSUME(c.PRIMARY);
            this.CONSUME(c.KEY);
            this.CONSUME(t.OpenParen);
            this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Identifier, { LABEL: 'key' }) });
            this.CONSUME(t.CloseParen);
          },
        },
        {
          ALT: () => {
            this.CONSUME1(t.Identifier, { LABEL: 'name' });
            this.CONSUME2(t.Identifier, { LABEL: 'type' });
            this.OPTION(() => {
              this.CONSUME1(c.PRIMARY, { LABEL: 'primary' });
              this.CONSUME1(c.KEY, { LABEL: 'primary' });
            });
          },
        },
      ],
      IGNORE_AMBIGUITIES: true,
    });
  });

  readonly lookupOption: Rule = this.RULE('lookupOption', () => {
    this.CONSUME(t.Identifier, { LABEL: 'name' });
    this.CONSUME(t.Equals);
    this.CONSUME(t.Text);
  });

  readonly headerClause: Rule = this.RULE('headerClause', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.textClause) },
      { ALT: () => this.SUBRULE(this.textListClause) },
      { ALT: () => this.SUBRULE(this.severityClause) },
      {
        ALT: () => {
          this.CONSUME(c.ACROSS, { LABEL: 'keyword' });
          this.CONSUME(c.TENANTS);
        },
      },
      {
        ALT: () => {
          this.CONSUME(c.MODE, { LABEL: 'keyword' });
          this.CONSUME(t.Identifier, { LABEL: 'word' });
        },
      },
      {
        ALT: () => {
          this.CONSUME(c.CONFIDENCE, { LABEL: 'keyword' });
          this.CONSUME(t.NumberLiteral);
        },
      },
      { ALT: () => this.SUBRULE(this.paramClause) },
    ]);
  });

  readonly textClause: Rule = this.RULE('textClause', () => {
    this.OR([
      { ALT: () => this.CONSUME(c.TITLE, { LABEL: 'keyword' }) },
      { ALT: () => this.CONSUME(c.DESCRIPTION, { LABEL: 'keyword' }) },
      { ALT: () => this.CONSUME(c.RUNBOOK, { LABEL: 'keyword' }) },
    ]);
    this.CONSUME(t.Text);
  });

  readonly textListClause: Rule = this.RULE('textListClause', () => {
    this.OR([
      { ALT: () => this.CONSUME(c.ATTACK, { LABEL: 'keyword' }) },
      { ALT: () => this.CONSUME(c.TAGS, { LABEL: 'keyword' }) },
      { ALT: () => this.CONSUME(c.REFERENCES, { LABEL: 'keyword' }) },
    ]);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Text) });
  });

  readonly paramClause: Rule = this.RULE('paramClause', () => {
    this.CONSUME(c.PARAM);
    this.CONSUME(t.Identifier, { LABEL: 'name' });
    this.CONSUME1(t.Identifier, { LABEL: 'type' });
    this.CONSUME(t.Equals);
    this.SUBRULE(this.signed, { LABEL: 'value' });
    this.OPTION(() => {
      this.CONSUME(r.IN);
      this.SUBRULE1(this.signed, { LABEL: 'least' });
      this.CONSUME(c.TO);
      this.SUBRULE2(this.signed, { LABEL: 'greatest' });
    });
  });

  override readonly select: Rule = this.RULE('select', () => {
    this.SUBRULE(this.oneSelect);
    this.MANY(() => {
      this.CONSUME(r.UNION);
      this.CONSUME(c.ALL);
      this.SUBRULE1(this.oneSelect);
    });
  });

  readonly oneSelect: Rule = this.RULE('oneSelect', () => {
    this.CONSUME(r.SELECT);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.selectItem) });
    this.CONSUME(r.FROM);
    this.SUBRULE(this.source);
    this.MANY(() =>
      this.OR([{ ALT: () => this.SUBRULE(this.joinClause) }, { ALT: () => this.SUBRULE(this.unnestClause) }]),
    );
    this.OPTION1(() => {
      this.CONSUME(r.WHERE);
      this.SUBRULE(this.expression, { LABEL: 'where' });
    });
    this.OPTION2(() => {
      this.CONSUME(r.GROUP);
      this.CONSUME(r.BY);
      this.AT_LEAST_ONE_SEP1({
        SEP: t.Comma,
        DEF: () => this.SUBRULE1(this.expression, { LABEL: 'group' }),
      });
    });
    this.OPTION3(() => this.SUBRULE(this.window));
    this.OPTION4(() => {
      this.CONSUME(r.HAVING);
      this.SUBRULE2(this.expression, { LABEL: 'having' });
    });
  });

  readonly selectItem: Rule = this.RULE('selectItem', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Star) },
      {
        ALT: () => {
          this.SUBRULE(this.expression);
          this.OPTION(() => {
            this.CONSUME(r.AS);
            this.CONSUME(t.Identifier, { LABEL: 'alias' });
          });
        },
      },
    ]);
  });

  readonly window: Rule = this.RULE('window', () => {
    this.CONSUME(c.WINDOW);
    this.OR([
      {
        ALT: () => {
          this.OR1([{ ALT: () => this.CONSUME(c.TUMBLING) }, { ALT: () => this.CONSUME(c.SLIDING) }]);
          this.SUBRULE(this.duration, { LABEL: 'size' });
        },
      },
      {
        ALT: () => {
          this.CONSUME(c.HOPPING);
          this.SUBRULE1(this.duration, { LABEL: 'size' });
          this.CONSUME(c.ADVANCE);
          this.CONSUME(r.BY);
          this.SUBRULE2(this.duration, { LABEL: 'advance' });
        },
      },
      {
        ALT: () => {
          this.CONSUME(c.SESSION);
          this.CONSUME(c.GAP);
          this.SUBRULE3(this.duration, { LABEL: 'size' });
          this.OPTION(() => {
            this.CONSUME(c.MAX);
            this.SUBRULE4(this.duration, { LABEL: 'max' });
          });
        },
      },
    ]);
    this.MANY(() => this.SUBRULE(this.windowClause));
  });

  readonly windowClause: Rule = this.RULE('windowClause', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(c.OFFSET);
          this.SUBRULE(this.duration);
        },
      },
      {
        ALT: () => {
          this.CONSUME(r.IN);
          this.CONSUME(c.TIME);
          this.CONSUME(c.ZONE);
          this.CONSUME(t.Text);
        },
      },
      {
        ALT: () => {
          this.CONSUME(r.WITH);
          this.CONSUME(c.EMPTY);
          this.OR1([
            {
              ALT: () => {
                this.CONSUME(c.FOR);
                this.SUBRULE1(this.duration);
              },
            },
            {
              ALT: () => {
                this.CONSUME(c.KEYS);
                this.CONSUME(c.OF);
                this.CONSUME(t.Identifier, { LABEL: 'lookup' });
              },
            },
          ]);
        },
      },
    ]);
  });

  override readonly footerClause: Rule = this.RULE('footerClause', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(c.ENTITY, { LABEL: 'keyword' });
          this.CONSUME(t.Identifier, { LABEL: 'type' });
          this.SUBRULE(this.name);
        },
      },
      { ALT: () => this.SUBRULE(this.suppressClause) },
      { ALT: () => this.SUBRULE(this.lifeClause) },
      {
        ALT: () => {
          this.CONSUME(c.EVIDENCE, { LABEL: 'keyword' });
          this.CONSUME(t.NumberLiteral);
        },
      },
      {
        ALT: () => {
          this.CONSUME(c.EMIT, { LABEL: 'keyword' });
          this.OR1([
            {
              ALT: () => {
                this.CONSUME(c.AT);
                this.CONSUME(r.END);
              },
            },
            { ALT: () => this.CONSUME(c.EARLY) },
          ]);
        },
      },
    ]);
  });

  readonly suppressClause: Rule = this.RULE('suppressClause', () => {
    this.CONSUME(c.SUPPRESS);
    this.CONSUME(r.BY);
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.OpenParen);
          this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.name) });
          this.CONSUME(t.CloseParen);
        },
      },
      { ALT: () => this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE1(this.name) }) },
    ]);
    this.CONSUME(c.FOR);
    this.SUBRULE(this.duration);
    this.OPTION(() => this.CONSUME(c.RESET));
  });
}
