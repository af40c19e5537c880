import assert from 'node:assert/strict';
import { buildProgram } from '../../../dsl/build/index.ts';
import { compile } from '../../../dsl/index.ts';
import type { NoAnswer, Why } from '../../../dsl/why/answer.ts';
import { flatOperator } from '../../../dsl/why/index.ts';
import { why } from '../../../dsl/why/why.ts';
import { whyText } from '../../../dsl/why/why-text.ts';
import { Engine } from '../../../engine/index.ts';

/** 10:00 of a day, epoch milliseconds; the events of a test have their seconds from there. */
export const start_ms = Date.UTC(2026, 2, 30, 10);

export interface TestEvent {
  readonly event_id: string;
  readonly second: number;
  readonly event_type?: string;
  readonly account_id?: string;
  readonly tenant_id?: string;
  readonly [field: string]: unknown;
}

/** Asks about rules over a few events of the account k, without a time where `second` is null. */
export function asker(rules: string, events: readonly TestEvent[]) {
  const files = [{ path: 'r.rule.sql', text: rules }];
  const compiled = compile(files);
  assert.ok(compiled.plan, JSON.stringify(compiled.diagnostics));
  const { plan } = compiled;
  const records = events.map(({ second, ...event }) => {
    const whole = { platform: 'p', event_type: 'a', account_id: 'k', ...event, timestamp: start_ms + second * 1000 };
    return new TextEncoder().encode(JSON.stringify(whole));
  });
  const run = (changed: typeof plan) => {
    const engine = new Engine(buildProgram(changed));
    records.forEach((bytes, position) => {
      const record = { partition: 'p', position, received_at: start_ms + 86_400_000, bytes };
      engine.apply(position, { kind: 'record', record });
    });
    engine.apply(records.length, { kind: 'end' });
    return engine.advance().detections;
  };
  return (rule: string, subject: string, second: number | null = null, tenant?: string): Promise<Why | NoAnswer> => {
    const moment = second === null ? null : () => start_ms + second * 1000;
    const with_param = (param: string, value: number) => {
      const changed = compile(files, { params: new Map([[`${rule}.${param}`, value]]) }).plan;
      return changed === null ? null : flatOperator(rule, changed);
    };
    const of_tenant = tenant === undefined ? {} : { tenant };
    return why({ rule, subject, moment, with_param, ...of_tenant }, plan, (changed) => [run(changed)]);
  };
}

/** What a person reads, without the title; times in seconds, ids of detections left out. */
export function read(answer: Why | NoAnswer): string[] {
  assert.ok(!('error' in answer), JSON.stringify(answer));
  const { funnel, answer: sentences } = whyText(answer, (time_ms) => `${(time_ms - start_ms) / 1000} s`);
  return [
    ...funnel.map((line) => [line.text, line.amount, line.note].join(' | ').replace(/[ |]+$/, '')),
    ...sentences.map((line) => line.replace(/ [0-9a-f]{32}/, '')),
  ];
}
