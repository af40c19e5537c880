import { type CstNode, CstParser, type IParserConfig, type ParserMethod, type TokenType } from 'chevrotain';
import * as t from './tokens.ts';

export type Rule = ParserMethod<[], CstNode>;
const { reserved: r, contextual: c } = t;

/**
 * The grammar of expressions, and nothing else: what the words mean is to-tree's and check's. Rules are fields that
 * the parser records once (performSelfAnalysis) and then runs.
 */
export class ExpressionGrammar extends CstParser {
  /** A SELECT and the distance of a join stand in the grammars that build on this one; EXISTS has both inside. */
  declare readonly select: Rule;
  declare readonly joinDistance: Rule;

  protected constructor(config: IParserConfig) {
    super(t.tokenTypes, config);
  }

  readonly expression: Rule = this.RULE('expression', () => {
    this.AT_LEAST_ONE_SEP({ SEP: r.OR, DEF: () => this.SUBRULE(this.conjunction) });
  });

  readonly conjunction: Rule = this.RULE('conjunction', () => {
    this.AT_LEAST_ONE_SEP({ SEP: r.AND, DEF: () => this.SUBRULE(this.negation) });
  });

  readonly negation: Rule = this.RULE('negation', () => {
    this.MANY(() => this.CONSUME(r.NOT));
    this.SUBRULE(this.predicate);
  });

  readonly predicate: Rule = this.RULE('predicate', () => {
    this.SUBRULE(this.sum, { LABEL: 'left' });
    this.OPTION(() => {
      this.OR([
        { ALT: () => this.SUBRULE(this.comparison) },
        { ALT: () => this.SUBRULE(this.isTest) },
        { ALT: () => this.SUBRULE(this.wordTest) },
      ]);
    });
  });

  readonly comparison: Rule = this.RULE('comparison', () => {
    this.OR([{ ALT: () => this.CONSUME(t.Equals) }, { ALT: () => this.CONSUME(t.Comparison) }]);
    this.SUBRULE(this.sum);
  });

  readonly isTest: Rule = this.RULE('isTest', () => {
    this.CONSUME(r.IS);
    this.OPTION(() => this.CONSUME(r.NOT));
    this.OR([
      { ALT: () => this.CONSUME(r.NULL) },
      {
        ALT: () => {
          this.CONSUME(r.DISTINCT);
          this.CONSUME(r.FROM);
          this.SUBRULE(this.sum);
        },
      },
    ]);
  });

  /** [NOT] IN, BETWEEN, LIKE, ILIKE, and `~`. */
  readonly wordTest: Rule = this.RULE('wordTest', () => {
    this.OPTION(() => this.CONSUME(r.NOT));
    this.OR([
      { ALT: () => this.SUBRULE(this.inTest) },
      {
        ALT: () => {
          this.CONSUME(r.BETWEEN);
          this.SUBRULE(this.sum, { LABEL: 'least' });
          this.CONSUME(r.AND);
          this.SUBRULE1(this.sum, { LABEL: 'greatest' });
        },
      },
      {
        ALT: () => {
          this.OR1([
            { ALT: () => this.CONSUME(r.LIKE) },
            { ALT: () => this.CONSUME(r.ILIKE) },
            { ALT: () => this.CONSUME(t.Tilde) },
          ]);
          this.SUBRULE2(this.sum, { LABEL: 'pattern' });
        },
      },
    ]);
  });

  readonly inTest: Rule = this.RULE('inTest', () => {
    this.CONSUME(r.IN);
    this.OR([
      { ALT: () => this.CONSUME(t.Text) },
      { ALT: () => this.CONSUME(t.Parameter) },
      {
        ALT: () => {
          this.CONSUME(c.LOOKUP);
          this.CONSUME(t.Identifier, { LABEL: 'lookup' });
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.OpenParen);
          this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.expression) });
          this.CONSUME(t.CloseParen);
        },
      },
    ]);
  });

  readonly sum: Rule = this.RULE('sum', () => {
    this.SUBRULE(this.product);
    this.MANY(() => {
      this.OR([
        { ALT: () => this.CONSUME(t.Plus, { LABEL: 'operator' }) },
        { ALT: () => this.CONSUME(t.Minus, { LABEL: 'operator' }) },
        { ALT: () => this.CONSUME(t.Concat, { LABEL: 'operator' }) },
      ]);
      this.SUBRULE1(this.product);
    });
  });

  readonly product: Rule = this.RULE('product', () => {
    this.SUBRULE(this.signed);
    this.MANY(() => {
      this.OR([
        { ALT: () => this.CONSUME(t.Star, { LABEL: 'operator' }) },
        { ALT: () => this.CONSUME(t.Slash, { LABEL: 'operator' }) },
        { ALT: () => this.CONSUME(t.Percent, { LABEL: 'operator' }) },
      ]);
      this.SUBRULE1(this.signed);
    });
  });

  readonly signed: Rule = this.RULE('signed', () => {
    this.MANY(() =>
      this.OR([
        { ALT: () => this.CONSUME(t.Minus, { LABEL: 'sign' }) },
        { ALT: () => this.CONSUME(t.Plus, { LABEL: 'sign' }) },
      ]),
    );
    this.SUBRULE(this.primary);
    this.MANY1(() =>
      this.OR1([
        {
          ALT: () => {
            this.CONSUME(t.DoubleColon);
            this.CONSUME(t.AnyWord, { LABEL: 'postfix' });
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.OpenBracket);
            this.OPTION(() => this.CONSUME1(t.Minus, { LABEL: 'negative' }));
            this.CONSUME(t.NumberLiteral, { LABEL: 'postfix' });
            this.CONSUME(t.CloseBracket);
          },
        },
      ]),
    );
  });

  readonly primary: Rule = this.RULE('primary', () => {
    this.OR({
      DEF: [
        { ALT: () => this.CONSUME(t.Text) },
        { ALT: () => this.SUBRULE(this.numberOrDuration) },
        { ALT: () => this.CONSUME(t.Parameter) },
        { ALT: () => this.CONSUME(r.TRUE) },
        { ALT: () => this.CONSUME(r.FALSE) },
        { ALT: () => this.CONSUME(r.NULL) },
        {
          ALT: () => {
            this.CONSUME(t.OpenParen);
            this.SUBRULE(this.expression);
            this.CONSUME(t.CloseParen);
          },
        },
        { ALT: () => this.SUBRULE(this.caseExpression) },
        { ALT: () => this.SUBRULE(this.existsTest) },
        // CAST, EXTRACT and INTERVAL are names too unless what follows says otherwise.
        {
          GATE: () => this.LA(2).tokenType === t.OpenParen,
          ALT: () => this.SUBRULE(this.castCall),
        },
        {
          GATE: () => this.LA(2).tokenType === t.OpenParen,
          ALT: () => this.SUBRULE(this.extractCall),
        },
        { GATE: () => this.LA(2).tokenType === t.Text, ALT: () => this.SUBRULE(this.interval) },
        { ALT: () => this.SUBRULE(this.nameOrCall) },
      ],
      IGNORE_AMBIGUITIES: true,
    });
  });

  /** `EXISTS (SELECT 1 FROM events AS s WHERE s.account_id = e.account_id WITHIN 10 MINUTES)`. */
  readonly existsTest: Rule = this.RULE('existsTest', () => {
    this.CONSUME(r.EXISTS);
    this.CONSUME(t.OpenParen);
    this.SUBRULE(this.select);
    this.OPTION(() => this.SUBRULE(this.joinDistance));
    this.CONSUME(t.CloseParen);
  });

  readonly numberOrDuration: Rule = this.RULE('numberOrDuration', () => {
    this.CONSUME(t.NumberLiteral);
    this.OPTION(() => this.CONSUME(t.Unit));
  });

  readonly interval: Rule = this.RULE('interval', () => {
    this.CONSUME(c.INTERVAL);
    this.CONSUME(t.Text);
    this.CONSUME(t.Unit);
  });

  readonly castCall: Rule = this.RULE('castCall', () => {
    this.CONSUME(c.CAST);
    this.CONSUME(t.OpenParen);
    this.SUBRULE(this.expression);
    this.CONSUME(r.AS);
    this.CONSUME(t.AnyWord, { LABEL: 'type' });
    this.CONSUME(t.CloseParen);
  });

  readonly extractCall: Rule = this.RULE('extractCall', () => {
    this.CONSUME(c.EXTRACT);
    this.CONSUME(t.OpenParen);
    this.CONSUME(t.Identifier, { LABEL: 'unit' });
    this.CONSUME(r.FROM);
    this.SUBRULE(this.expression);
    this.OPTION(() => {
      this.CONSUME(c.AT);
      this.CONSUME(c.TIME);
      this.CONSUME(c.ZONE);
      this.SUBRULE(this.primary, { LABEL: 'zone' });
    });
    this.CONSUME(t.CloseParen);
  });

  readonly caseExpression: Rule = this.RULE('caseExpression', () => {
    this.CONSUME(r.CASE);
    this.OPTION(() => this.SUBRULE(this.expression, { LABEL: 'operand' }));
    this.AT_LEAST_ONE(() => {
      this.CONSUME(r.WHEN);
      this.SUBRULE1(this.expression, { LABEL: 'when' });
      this.CONSUME(r.THEN);
      this.SUBRULE2(this.expression, { LABEL: 'then' });
    });
    this.OPTION1(() => {
      this.CONSUME(r.ELSE);
      this.SUBRULE3(this.expression, { LABEL: 'otherwise' });
    });
    this.CONSUME(r.END);
  });

  readonly nameOrCall: Rule = this.RULE('nameOrCall', () => {
    this.SUBRULE(this.name);
    this.OPTION(() => {
      this.SUBRULE(this.callArguments);
      this.OPTION1(() => {
        this.CONSUME(c.FILTER);
        this.CONSUME1(t.OpenParen);
        this.CONSUME(r.WHERE);
        this.SUBRULE(this.expression, { LABEL: 'filter' });
        this.CONSUME1(t.CloseParen);
      });
    });
  });

  readonly callArguments: Rule = this.RULE('callArguments', () => {
    this.CONSUME(t.OpenParen);
    this.OR([
      { ALT: () => this.CONSUME(t.Star) },
      {
        ALT: () => {
          this.OPTION(() => this.CONSUME(r.DISTINCT));
          this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.expression) });
        },
      },
    ]);
    this.CONSUME(t.CloseParen);
  });

  /** A dotted name; after a dot every word is a name, and `['odd key']` is a part too. */
  readonly name: Rule = this.RULE('name', () => {
    this.CONSUME(t.Identifier, { LABEL: 'part' });
    this.MANY({
      // `arr[0]` is an element, not a part of the name.
      GATE: () => this.LA(1).tokenType !== t.OpenBracket || !isIndex(this.LA(2).tokenType),
      DEF: () =>
        this.OR([
          {
            ALT: () => {
              this.CONSUME(t.Dot);
              this.CONSUME(t.AnyWord, { LABEL: 'part' });
            },
          },
          {
            ALT: () => {
              this.CONSUME(t.OpenBracket);
              this.CONSUME(t.Text, { LABEL: 'part' });
              this.CONSUME(t.CloseBracket);
            },
          },
        ]),
    });
  });
}

function isIndex(token: TokenType): boolean {
  return token === t.NumberLiteral || token === t.Minus;
}
