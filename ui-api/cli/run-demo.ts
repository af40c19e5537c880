import type { Config } from '../config.ts';
import { DemoPlayer } from '../demo/player.ts';
import { demoTraffic } from '../demo/traffic.ts';
import type { Weir } from '../live/weir.ts';
import type { Shell } from './command.ts';
import type { RunScreen } from './run-screen.ts';
import { dataFlag, storeVariables, weirHere } from './typed-here.ts';
import { readToken, WeirClient } from './weir-client.ts';

interface DemoSettings {
  readonly config: Config;
  readonly demoRate: number;
  readonly demoSeed: number;
}

/** What a first start has behind it at once, so that the first attacks are found in the first seconds. */
const history_ms = 5 * 60_000;
/** Of a busy demo less: what is sent at once should be there in a moment. */
const history_events = 20_000;
const look_ms = 1000;
const partition = 'demo';

/** Plays the simulator into a Weir that has begun, through its own API; and tells what SQL there is to try. */
export function beginDemo(
  weir: Weir,
  screen: RunScreen,
  { config, demoRate: rate, demoSeed: seed }: DemoSettings,
  shell: Shell,
): { stop(): void } {
  const { counters, watermark } = weir.status();
  const now_ms = shell.now_ms();
  const past_ms = counters.read === 0 ? Math.min(history_ms, (history_events / rate) * 1000) : 0;
  // Nothing before what the stream has passed: a user's own events may lie a little ahead of the clock.
  const from_ms = Math.max(now_ms - past_ms, watermark === null ? 0 : Date.parse(watermark));
  shell.stderr.line(
    `  demo            simulated traffic with attacks, up to ${rate} events/s, of tenants that do not exist (acme.example, …)`,
  );
  if (past_ms === 0)
    shell.stderr.line(
      '                  from now on: its first attack begins in some 20 s, then one every two minutes',
    );
  shell.stderr.line();
  const ending = new AbortController();
  const client = new WeirClient(weir.url, readToken(config, undefined), ending.signal);
  const player = new DemoPlayer({
    traffic: (start_ms) => demoTraffic({ seed, rate, from_ms: start_ms }),
    send: (lines) => client.send(partition, lines),
    now_ms: () => shell.now_ms(),
    passed_over: () => screen.note(`the machine is too busy for ${rate} events/s of the demo: some are passed over`),
    failed: (why) => screen.note(`the demo has ended: ${why}`, 'warning'),
  });
  void player.play(from_ms);
  const hint = hintAtSql(weir, screen, (statement) => sqlCommand(statement, config, shell));
  return {
    stop: () => {
      hint.stop();
      player.stop();
      // A request that waits for an answer would be sent again, to the next Weir at this address.
      ending.abort();
    },
  };
}

/** Once the store has what was found: two questions that show something, one about the account of a detection. */
function hintAtSql(weir: Weir, screen: RunScreen, command: (statement: string) => string): { stop(): void } {
  const timer = setInterval(() => {
    const { store, log_position } = weir.status();
    const account = screen.last_account;
    // It goes into a quoted text of a command line.
    if (account === null || !/^[\w.@-]+$/.test(account)) return;
    if (store?.state !== 'up' || store.behind > log_position / 10) return;
    clearInterval(timer);
    const timeline = `SELECT at, kind, actor_ip, what, how FROM account_timeline(account = '${account}')`;
    screen.say(`  ask in SQL      ${command(timeline)}`);
    screen.say(`                  ${command('SELECT technique, tenant_id, alerts, rules FROM alerts_by_technique')}`);
  }, look_ms);
  return { stop: () => clearInterval(timer) };
}

/** As it is typed in this folder. The statement has no character that means something within double quotes. */
function sqlCommand(statement: string, config: Config, shell: Shell): string {
  return `${storeVariables(config, shell)}${weirHere(shell)} sql "${statement}"${dataFlag(config, shell)}`;
}
