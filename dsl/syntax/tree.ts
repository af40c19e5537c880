import type { Span } from '../diagnostics/diagnostic.ts';

/** The syntax tree: what was written, with places, before any name is looked up. One type per construct. */
export type Statement =
  | StreamStatement
  | RuleStatement
  | ViewStatement
  | LookupStatement
  | ExceptionStatement
  | TuneStatement
  | FunctionStatement;

/** A name as written, without its quotes. */
export interface Word {
  readonly text: string;
  readonly span: Span;
}

export interface StreamStatement {
  readonly kind: 'stream';
  readonly span: Span;
  readonly name: Word;
  /** null: no field list, the normalised event schema. */
  readonly fields: readonly FieldDeclaration[] | null;
  readonly settings: readonly StreamSetting[];
  /** SHARING TENANTS, each time that it stands there. */
  readonly sharing: readonly { readonly tenants: readonly TextNode[]; readonly span: Span }[];
}

export interface FieldDeclaration {
  readonly name: readonly Word[];
  readonly type: Word;
  readonly required: boolean;
  readonly span: Span;
}

export interface StreamSetting {
  readonly kind: 'lateness' | 'idle' | 'max_ahead' | 'dedup';
  readonly duration: DurationNode;
  readonly span: Span;
}

export interface RuleStatement {
  readonly kind: 'rule';
  readonly span: Span;
  readonly name: Word;
  readonly header: readonly HeaderClause[];
  readonly select: Select;
  readonly footer: readonly FooterClause[];
}

/** CREATE VIEW; and CREATE TABLE, which is a view of windows whose rows are also written. */
export interface ViewStatement {
  readonly kind: 'view' | 'table';
  readonly span: Span;
  readonly name: Word;
  readonly select: Select;
  readonly footer: readonly FooterClause[];
}

/** CREATE EXCEPTION: events that rules shall not see (IGNORE), or detections that they shall not show (MUTE). */
export interface ExceptionStatement {
  readonly kind: 'exception';
  readonly span: Span;
  readonly name: Word;
  readonly rules: readonly Word[];
  readonly action: 'ignore' | 'mute';
  readonly where: ExpressionNode;
  readonly valid_from: TextNode | null;
  readonly valid_to: TextNode | null;
  readonly because: TextNode;
  readonly owner: TextNode | null;
}

/** TUNE: other values of a rule's PARAMs for some tenants. */
export interface TuneStatement {
  readonly kind: 'tune';
  readonly span: Span;
  readonly rule: Word;
  readonly where: ExpressionNode;
  readonly values: readonly { readonly name: Word; readonly value: ExpressionNode }[];
  readonly because: TextNode;
  readonly owner: TextNode | null;
}

/** CREATE FUNCTION: a named expression over its arguments and nothing else. */
export interface FunctionStatement {
  readonly kind: 'function';
  readonly span: Span;
  readonly name: Word;
  readonly arguments: readonly { readonly name: Word; readonly type: Word; readonly span: Span }[];
  readonly returns: Word;
  readonly body: ExpressionNode;
}

/** CREATE LOOKUP: columns, the primary key at a column or by itself, and where the rows are. */
export interface LookupStatement {
  readonly kind: 'lookup';
  readonly span: Span;
  readonly name: Word;
  readonly columns: readonly LookupColumnDeclaration[];
  readonly keys: readonly { readonly columns: readonly Word[]; readonly span: Span }[];
  readonly options: readonly { readonly name: Word; readonly value: TextNode }[];
}

export interface LookupColumnDeclaration {
  readonly name: Word;
  readonly type: Word;
  readonly primary: boolean;
  readonly span: Span;
}

export type HeaderClause =
  | { readonly kind: 'title' | 'description' | 'runbook'; readonly text: TextNode; readonly span: Span }
  | { readonly kind: 'attack' | 'tags' | 'references'; readonly texts: readonly TextNode[]; readonly span: Span }
  | { readonly kind: 'severity'; readonly chosen: Word | CaseNode; readonly span: Span }
  | { readonly kind: 'mode'; readonly word: Word; readonly span: Span }
  | { readonly kind: 'across_tenants'; readonly span: Span }
  | { readonly kind: 'confidence'; readonly value: NumberNode; readonly span: Span }
  | ParamClause;

export interface ParamClause {
  readonly kind: 'param';
  readonly name: Word;
  readonly type: Word;
  readonly value: ExpressionNode;
  readonly range: { readonly least: ExpressionNode; readonly greatest: ExpressionNode } | null;
  readonly span: Span;
}

export type FooterClause =
  | { readonly kind: 'entity'; readonly type: Word; readonly column: NameNode; readonly span: Span }
  | {
      readonly kind: 'suppress';
      readonly by: readonly NameNode[];
      readonly duration: DurationNode;
      readonly reset: Span | null;
      readonly span: Span;
    }
  | { readonly kind: 'evidence'; readonly count: NumberNode; readonly span: Span }
  | { readonly kind: 'emit_at_end' | 'emit_early'; readonly span: Span }
  | LifeClause;

/** About the life of a detection. */
export type LifeClause =
  | {
      readonly kind: 'respond';
      readonly responses: readonly Word[];
      readonly column: NameNode;
      readonly while_open: Span | null;
      readonly span: Span;
    }
  | {
      readonly kind: 'risk';
      readonly score: ExpressionNode;
      readonly type: Word;
      readonly column: NameNode;
      readonly half_life: DurationNode;
      readonly span: Span;
    }
  | { readonly kind: 'escalate'; readonly when: ExpressionNode; readonly severity: Word; readonly span: Span }
  | { readonly kind: 'update_at_end'; readonly span: Span }
  | { readonly kind: 'close_after'; readonly duration: DurationNode; readonly span: Span }
  | { readonly kind: 'retention'; readonly duration: DurationNode; readonly span: Span }
  | { readonly kind: 'state_max'; readonly keys: NumberNode; readonly span: Span };

export interface Select {
  /** Of this SELECT, without those that UNION ALL adds. */
  readonly span: Span;
  /** WITH: views that this SELECT alone can read; each sees those before it. */
  readonly with: readonly LocalNode[];
  readonly items: readonly SelectItem[];
  readonly from: SourceNode;
  readonly joins: readonly JoinNode[];
  readonly unnests: readonly UnnestNode[];
  readonly where: ExpressionNode | null;
  /** null: no GROUP BY. */
  readonly group_by: readonly ExpressionNode[] | null;
  readonly window: WindowNode | null;
  readonly having: ExpressionNode | null;
  /** What UNION ALL adds to it, in order; they have none themselves. */
  readonly union: readonly Select[];
}

/** Where rows come from: something with a name, or a SELECT in brackets, whose name is what stands behind AS. */
export interface SourceNode {
  readonly name: Word;
  readonly alias: Word | null;
  readonly query: QueryNode | null;
}

/** A SELECT in brackets, with the clauses that a view can have behind it. */
export interface QueryNode {
  readonly select: Select;
  readonly footer: readonly FooterClause[];
  readonly span: Span;
}

/** `name AS (SELECT ...)` of a WITH. */
export interface LocalNode extends QueryNode {
  readonly name: Word;
}

/** `CROSS JOIN UNNEST(array) AS alias(column)`: a row for each element. */
export interface UnnestNode {
  readonly array: ExpressionNode;
  readonly alias: Word;
  readonly column: Word;
  readonly span: Span;
}

export interface JoinNode extends SourceNode {
  readonly kind: 'inner' | 'left';
  /** How far the right row may lie before and after the left one; null where it is not written. */
  readonly within: JoinDistanceNode | null;
  readonly on: ExpressionNode;
  readonly span: Span;
}

/** WITHIN n has both; null is a side that is not written. */
export interface JoinDistanceNode {
  readonly before: DurationNode | null;
  readonly after: DurationNode | null;
  readonly span: Span;
}

export type SelectItem =
  | { readonly kind: 'star'; readonly span: Span }
  | { readonly kind: 'item'; readonly expression: ExpressionNode; readonly alias: Word | null; readonly span: Span };

export interface WindowNode {
  readonly kind: 'tumbling' | 'sliding' | 'hopping' | 'session';
  /** SESSION: its GAP. */
  readonly size: DurationNode;
  /** HOPPING only. */
  readonly advance: DurationNode | null;
  /** SESSION only. */
  readonly max: DurationNode | null;
  /** What stands behind, whether or not it fits the kind. */
  readonly clauses: readonly WindowClause[];
  readonly span: Span;
}

export type WindowClause =
  | { readonly kind: 'offset' | 'empty'; readonly duration: DurationNode; readonly span: Span }
  | { readonly kind: 'emptyKeys'; readonly lookup: Word; readonly span: Span }
  | { readonly kind: 'zone'; readonly zone: TextNode; readonly span: Span };

export interface TextNode {
  readonly kind: 'text';
  readonly value: string;
  readonly span: Span;
}

/** `value` as written: whether it is an int or a float shows in the digits. */
export interface NumberNode {
  readonly kind: 'number';
  readonly digits: string;
  readonly span: Span;
}

export interface DurationNode {
  readonly kind: 'duration';
  readonly digits: string;
  readonly unit: string;
  readonly span: Span;
}

/** `actor.ip`, `e.actor.ip`, `details['odd key']`: a column, an alias, or a function's name. */
export interface NameNode {
  readonly kind: 'name';
  readonly parts: readonly Word[];
  readonly span: Span;
}

export type BinaryOperator = '=' | '<>' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%' | '||';

export type ExpressionNode =
  | TextNode
  | NumberNode
  | DurationNode
  | NameNode
  | { readonly kind: 'bool'; readonly value: boolean; readonly span: Span }
  | { readonly kind: 'null'; readonly span: Span }
  | { readonly kind: 'param'; readonly name: string; readonly span: Span }
  | CallNode
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: ExpressionNode;
      readonly right: ExpressionNode;
      readonly span: Span;
    }
  | { readonly kind: 'negate' | 'not'; readonly argument: ExpressionNode; readonly span: Span }
  | { readonly kind: 'and' | 'or'; readonly arguments: readonly ExpressionNode[]; readonly span: Span }
  | { readonly kind: 'is_null'; readonly argument: ExpressionNode; readonly negated: boolean; readonly span: Span }
  | {
      readonly kind: 'is_distinct';
      readonly left: ExpressionNode;
      readonly right: ExpressionNode;
      readonly negated: boolean;
      readonly span: Span;
    }
  | {
      readonly kind: 'in';
      readonly argument: ExpressionNode;
      readonly list: readonly ExpressionNode[];
      readonly negated: boolean;
      readonly span: Span;
    }
  | {
      readonly kind: 'in_lookup';
      readonly argument: ExpressionNode;
      readonly lookup: Word;
      readonly negated: boolean;
      readonly span: Span;
    }
  | {
      readonly kind: 'between';
      readonly argument: ExpressionNode;
      readonly least: ExpressionNode;
      readonly greatest: ExpressionNode;
      readonly negated: boolean;
      readonly span: Span;
    }
  | {
      readonly kind: 'match';
      readonly operator: 'like' | 'ilike' | 'matches';
      readonly argument: ExpressionNode;
      readonly pattern: ExpressionNode;
      readonly negated: boolean;
      readonly span: Span;
    }
  | CaseNode
  | ExistsNode
  | { readonly kind: 'cast'; readonly argument: ExpressionNode; readonly type: Word; readonly span: Span }
  | { readonly kind: 'index'; readonly argument: ExpressionNode; readonly index: NumberNode; readonly span: Span }
  | {
      readonly kind: 'extract';
      readonly unit: Word;
      readonly argument: ExpressionNode;
      readonly zone: ExpressionNode | null;
      readonly span: Span;
    };

/** `EXISTS (SELECT ... WITHIN ...)`; `within` is null where it is not written. */
export interface ExistsNode {
  readonly kind: 'exists';
  readonly select: Select;
  readonly within: JoinDistanceNode | null;
  readonly span: Span;
}

export interface CallNode {
  readonly kind: 'call';
  readonly name: Word;
  readonly star: boolean;
  readonly distinct: boolean;
  readonly arguments: readonly ExpressionNode[];
  readonly filter: ExpressionNode | null;
  readonly span: Span;
}

export interface CaseNode {
  readonly kind: 'case';
  /** `CASE x WHEN 1 ...`; null for `CASE WHEN x = 1 ...`. */
  readonly operand: ExpressionNode | null;
  readonly branches: readonly { readonly when: ExpressionNode; readonly result: ExpressionNode }[];
  readonly otherwise: ExpressionNode | null;
  readonly span: Span;
}
