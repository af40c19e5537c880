import { refuse } from '../diagnostics/diagnostic.ts';
import type { CallNode } from '../syntax/tree.ts';
import type { Context } from './context.ts';

/** Refuses an aggregate in a clause that looks at one event or one detection, and one without a window. */
export function refuseAggregateHere(node: CallNode, context: Context): void {
  const { clause, windowed } = context;
  const name = node.name.text.toLowerCase();
  if (clause === 'WHERE' || clause === 'GROUP BY') {
    refuse({
      code: 'W0210',
      span: node.span,
      message: `${name} cannot stand in ${clause}`,
      label: clause === 'WHERE' ? 'move this condition to HAVING' : 'group by a column',
      hints: clause === 'WHERE' ? ['WHERE looks at one event, HAVING at all events of the window'] : [],
    });
  }
  if (clause === 'a function') {
    refuse({
      code: 'W0210',
      span: node.span,
      message: `${name} cannot stand in a function`,
      label: 'a function computes with its arguments: pass the aggregate when you call it',
    });
  }
  if (clause === 'SEVERITY' || clause === 'RISK' || clause === 'ESCALATE') {
    refuse({
      code: 'W0210',
      span: node.span,
      message: `${name} cannot stand in ${clause}`,
      label: `select it, ${name}(…) AS name, and write the name here`,
      hints: [`${clause} reads the columns of the detection`],
    });
  }
  if (clause === 'an aggregate' || clause === 'FILTER') {
    refuse({
      code: 'W0210',
      span: node.span,
      message: `an aggregate inside ${clause === 'FILTER' ? 'FILTER' : 'an aggregate'}`,
      label: 'aggregate in a CREATE VIEW first, then over its rows',
    });
  }
  if (clause === 'IGNORE' || clause === 'MUTE') refuseAggregateInException(node, clause);
  if (!windowed) {
    refuse({
      code: 'W0211',
      span: node.span,
      message: `${name} needs a WINDOW: how far back?`,
      label: 'over which events?',
      hints: ['after GROUP BY write for example WINDOW SLIDING 15 MINUTES'],
    });
  }
}

/** An exception looks at one thing at a time: an event, or a detection with its columns. */
function refuseAggregateInException({ span, name }: CallNode, clause: 'IGNORE' | 'MUTE'): never {
  refuse({
    code: 'W0210',
    span,
    message: `${name.text} cannot stand in ${clause}`,
    label:
      clause === 'IGNORE'
        ? 'IGNORE looks at one event at a time, before anything is counted'
        : `select it in the rule, ${name.text}(…) AS name, and write the name here`,
    hints: clause === 'IGNORE' ? ['what the rule selects is asked by MUTE: FOR rule MUTE WHERE name > 3'] : [],
  });
}
