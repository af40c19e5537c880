import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { GateCounters } from './gate.ts';
import { type RouteDoc, route } from './route.ts';
import type { BlindService, LiveService, LiveStatus } from './service.ts';

const doc: RouteDoc = {
  id: 'getMetrics',
  tag: 'service',
  summary: 'Figures for Prometheus',
  description:
    'Labels have few values each: routes, statuses, verdicts, bounds; never a rule, a key, a source or an address.',
  roles: ['reader', 'operator'],
  answers: { 200: { description: 'Text format 0.0.4', content: { 'text/plain': { type: 'string' } } } },
};

/** Single figures of a status. */
const figures: readonly (readonly [name: string, help: string, value: (status: LiveStatus) => number])[] = [
  ['weir_up', '1 while events are taken', ({ state }) => (state === 'running' ? 1 : 0)],
  ['weir_pending_events', 'Events that wait for the watermark', ({ pending }) => pending],
  ['weir_queued_events', 'Events that wait for the log', ({ queued_events }) => queued_events],
  ['weir_state_bytes', 'State of the rules', ({ state_bytes }) => state_bytes],
  ['weir_workers', 'Threads that judge the rules', ({ workers }) => workers],
  ['weir_texts', 'Different texts that are remembered by number, beside the state', ({ texts }) => texts],
  ['weir_log_entries', 'Entries of the log', ({ log_position }) => log_position],
  [
    'weir_watermark_lag_seconds',
    'How far the watermark is behind the clock',
    ({ behind_ms }) => (behind_ms ?? 0) / 1000,
  ],
  ['weir_watermark_timestamp_seconds', 'The watermark; 0: none yet', ({ watermark }) => seconds(watermark)],
  ['weir_checkpoint_timestamp_seconds', 'The last checkpoint; 0: none', ({ checkpoint_at }) => seconds(checkpoint_at)],
  ['weir_active_partitions', 'Source partitions that are active', ({ partitions }) => partitions.active],
  ['weir_aside_partitions', 'Source partitions that are silent', ({ partitions }) => partitions.aside],
];

export interface MetricsSources {
  readonly live: LiveService;
  readonly blind: BlindService;
  readonly gate: GateCounters;
  readonly streams: { readonly open: number };
}

/** Counters with one label each, whose values are those of the status. */
const counters: readonly (readonly [
  name: string,
  help: string,
  label: string,
  value: (status: LiveStatus) => Readonly<Record<string, number>>,
])[] = [
  [
    'weir_records_total',
    'Records by the verdict of the door; read is all of them',
    'verdict',
    (status) => status.counters,
  ],
  [
    'weir_detections_total',
    'Detections since the start, by what became of them',
    'kind',
    (status) => status.detections,
  ],
  ['weir_dropped_total', 'What bounds dropped, by the name of the bound', 'bound', (status) => status.drops],
  [
    'weir_failed_casts_total',
    'Casts of details of accepted events that failed and gave NULL since the start, by column',
    'column',
    (status) => status.failed_casts,
  ],
  [
    'weir_failed_values_total',
    'Other casts, and arithmetic, that came to nothing and gave NULL since the start, by rule or view',
    'rule',
    (status) => sumsOf(status.failed_values),
  ],
];

/** By rule the sum over its expressions: texts of rules are no labels. */
function sumsOf(byRule: LiveStatus['failed_values']): Record<string, number> {
  return Object.fromEntries(
    Object.entries(byRule).map(([rule, counts]) => [
      rule,
      Object.values(counts).reduce((sum, count) => sum + count, 0),
    ]),
  );
}

/** GET /v1/metrics, and the count and time of every request. Call it before the routes are added. */
export function addMetrics(app: FastifyInstance, sources: MetricsSources): void {
  const registry = new Registry();
  // What it counts begins when it is made, not with the first scrape.
  processMetrics();
  measureRequests(app, registry);
  let status = sources.live.status();
  // Everything of a scrape is of one moment.
  const gauge = (name: string, help: string, value: (status: LiveStatus) => number): void => {
    new Gauge({ name, help, registers: [registry] }).set(0);
    values.push(() => (registry.getSingleMetric(name) as Gauge).set(value(status)));
  };
  const counter = (
    name: string,
    help: string,
    label: string,
    values_of: () => Readonly<Record<string, number>>,
  ): void => {
    const metric = new Counter({ name, help, labelNames: [label], registers: [registry] });
    values.push(() => {
      metric.reset();
      for (const [key, value] of Object.entries(values_of())) metric.inc({ [label]: key }, value);
    });
  };
  const values: (() => void)[] = [];
  for (const [name, help, label, value] of counters) counter(name, help, label, () => value(status));
  counter('weir_gate_refusals_total', 'Requests refused before their route', 'reason', () => ({ ...sources.gate }));
  const blind = new Gauge({
    ...{ name: 'weir_blind_intervals', help: 'Intervals in which Weir does not see, now, by cause' },
    ...{ labelNames: ['cause'], registers: [registry] },
  });
  values.push(() => {
    for (const [cause, count] of Object.entries(sources.blind.open())) blind.set({ cause }, count);
  });
  const parts = new Gauge({
    ...{ name: 'weir_state_part_bytes', help: 'State of the rules and the door, by what it is' },
    ...{ labelNames: ['part'], registers: [registry] },
  });
  values.push(() => {
    for (const [part, bytes] of Object.entries(status.state_parts)) parts.set({ part }, bytes);
  });
  for (const [name, help, value] of figures) gauge(name, help, value);
  gauge('weir_alert_streams', 'Readers that follow the alerts', () => sources.streams.open);
  app.get('/v1/metrics', route(doc), async (_request, reply) => {
    status = sources.live.status();
    for (const set of values) set();
    return reply.type(registry.contentType).send(await Registry.merge([processMetrics(), registry]).metrics());
  });
}

let of_process: Registry | null = null;

/** Memory, event loop and collector of this process: once, however many APIs there are in it, for they watch for good. */
function processMetrics(): Registry {
  if (of_process === null) {
    of_process = new Registry();
    const { user, system } = process.cpuUsage();
    collectDefaultMetrics({ register: of_process });
    // The library counts from here on; the figures are said to be those of the process since its start.
    for (const [kind, micros] of [
      ['', user + system],
      ['user_', user],
      ['system_', system],
    ] as const) {
      (of_process.getSingleMetric(`process_cpu_${kind}seconds_total`) as Counter).inc(micros / 1e6);
    }
  }
  return of_process;
}

function measureRequests(app: FastifyInstance, registry: Registry): void {
  const requests = new Counter({
    name: 'weir_http_requests_total',
    help: 'Requests by method, route and status',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'weir_http_request_duration_seconds',
    help: 'Time until the answer was sent; streams are counted when they end',
    labelNames: ['route'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    // The pattern of the route, not the address: labels have few values.
    const path = request.routeOptions.url ?? 'none';
    const method = path === 'none' ? 'any' : request.method;
    requests.inc({ method, route: path, status: String(reply.statusCode) });
    duration.observe({ route: path }, reply.elapsedTime / 1000);
  });
}

function seconds(time: string | null): number {
  return time === null ? 0 : Date.parse(time) / 1000;
}
