import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { type AuditEntry, appendAudit } from '../access/audit-file.ts';
import { isRole, type Role, roles, tenantName, tenantRoles } from '../access/roles.ts';
import { type StoredToken, TokenFile } from '../access/token-file.ts';
import { dataPaths, readConfig } from '../config.ts';
import {
  type AddCommand,
  type Command,
  chosenFormat,
  type Format,
  formatOption,
  type Shell,
  withExamples,
} from './command.ts';
import { type ExitCode, exitCodes, faultError, usageError } from './exit.ts';
import { systemHint } from './report-error.ts';
import { renderTable } from './table.ts';

interface TokenOptions {
  readonly data?: string;
  readonly role?: readonly string[];
  readonly days?: string;
  readonly tenant?: string;
  readonly format?: Format;
}

const roleHelp = `
Roles (a token may have several, none holds another):
  sender    send events
  reader    read events, alerts, rules and runs, and follow the alerts
  author    deploy rules, start runs
  operator  send events, start and cancel runs, status, metrics
  auditor   read the audit, rules and runs

The token of the first start (the file \`token\` in the data folder) may do
everything.`;

/** `weir token create|list|revoke`: the tokens of the API in a data folder, also while Weir runs. */
export const addTokenCommand: AddCommand = (program, shell, finish) => {
  const command = program.command('token').description('make, list and revoke tokens of the API').helpCommand(false);
  const data = (added: Command) => added.option('--data <folder>', 'data folder (default: ./var)');
  const making = data(
    command
      .command('create')
      .description('make a token; it is printed this once, and kept as its hash')
      .argument('<name>', 'whose it is: letters, digits, . _ - (at most 60)')
      .requiredOption('--role <role...>', `what it may do: ${roles.join(', ')}`)
      .option(
        '--tenant <name>',
        `sees and sends events and alerts of this tenant alone (roles ${tenantRoles.join(', ')})`,
      )
      .option('--days <number>', 'expires after so many days (default: never)'),
  );
  making.action((name: string, options: TokenOptions) => finish(create(name, options, shell)));
  data(command.command('list').description('list the tokens, without themselves').addOption(formatOption())).action(
    (options: TokenOptions) => finish(list(options, shell)),
  );
  const revoking = data(
    command.command('revoke').description('refuse a token from now on').argument('<token>', 'its id or its name'),
  );
  revoking.action((id_or_name: string, options: TokenOptions) => finish(revoke(id_or_name, options, shell)));
  withExamples(making, [['weir token create web-1 --role sender', 'for a server that sends its events']]);
  withExamples(revoking, [['weir token revoke web-1', 'at once, also for a Weir that runs']]);
  command.addHelpText('after', roleHelp);
  withExamples(command, [
    ['weir token create web-1 --role sender', 'for a server that sends its events'],
    ['weir token create anna --role reader author --days 90', 'for a person who writes rules'],
    ['weir token list', 'who has one'],
    ['weir token revoke web-1', 'at once, also for a Weir that runs'],
  ]);
};

function create(name: string, options: TokenOptions, shell: Shell): ExitCode {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/.test(name) || name === 'owner') {
    throw usageError(
      `a token cannot be named ${JSON.stringify(name)}`,
      'letters, digits and . _ - (at most 60), not owner',
    );
  }
  const given = options.role ?? [];
  const wrong = given.find((role) => !isRole(role));
  if (wrong !== undefined)
    throw usageError(`there is no role ${JSON.stringify(wrong)}`, `roles are ${roles.join(', ')}`);
  const tenant = checkedTenant(options.tenant, given);
  const now_ms = shell.now_ms();
  const expires_ms = options.days === undefined ? null : now_ms + daysOf(options.days) * 86_400_000;
  const { file, audit } = open(options, shell);
  if (attempt(() => file.list()).some((other) => other.name === name)) {
    throw usageError(`there is a token named ${name} already`, `choose another name, or \`weir token revoke ${name}\``);
  }
  const { token, stored } = attempt(() => file.create(name, given as Role[], now_ms, expires_ms, tenant));
  try {
    audit('token.create', stored);
  } catch (error) {
    // A token that no audit tells of must not be.
    attempt(() => file.revoke(stored.id));
    throw error;
  }
  shell.stdout.line(token);
  const until = stored.expires_at === null ? '' : `, until ${stored.expires_at}`;
  const of = tenant === null ? '' : ` of the tenant ${tenant}`;
  shell.stderr.line(`made ${name} (${stored.id}) with ${stored.roles.join(', ')}${of}${until}: it is not shown again`);
  return exitCodes.ok;
}

function checkedTenant(tenant: string | undefined, given: readonly string[]): string | null {
  if (tenant === undefined) return null;
  if (!tenantName.test(tenant)) {
    throw usageError(
      `a token cannot be of the tenant ${JSON.stringify(tenant)}`,
      'letters, digits and . _ - (at most 60)',
    );
  }
  const wrong = given.find((role) => !tenantRoles.includes(role as Role));
  if (wrong === undefined) return tenant;
  throw usageError(
    `${wrong} is a role over all tenants`,
    `a token of one tenant is ${tenantRoles.join(' or ')}, or both; leave --tenant out for the others`,
  );
}

function list(options: TokenOptions, shell: Shell): ExitCode {
  const { file } = open(options, shell);
  const shown = attempt(() => file.list()).map(({ sha256: _, ...token }) => token);
  const format = chosenFormat(options.format, shell);
  if (format === 'json') shell.stdout.json(shown);
  else if (format === 'ndjson') for (const token of shown) shell.stdout.ndjson(token);
  else if (shown.length === 0) shell.stdout.line('no token but the first one; weir token create --help makes more');
  else {
    const rows = shown.map(({ id, name, roles: held, tenant, created_at, expires_at }) => [
      ...[id, name, held.join(', '), tenant ?? 'all', created_at.slice(0, 10), expires_at?.slice(0, 10) ?? 'never'],
    ]);
    const columns = ['id', 'name', 'roles', 'tenant', 'made', 'expires'].map((title) => ({ title }));
    const { paint, table_width: width } = shell.stdout;
    shell.stdout.line(renderTable({ columns, rows, paint, width }));
  }
  return exitCodes.ok;
}

function revoke(id_or_name: string, options: TokenOptions, shell: Shell): ExitCode {
  const { file, audit } = open(options, shell);
  const revoked = attempt(() => file.revoke(id_or_name));
  if (revoked === null)
    throw usageError(`there is no token ${JSON.stringify(id_or_name)}`, 'weir token list has all of them');
  audit('token.revoke', revoked);
  shell.stderr.line(`revoked ${revoked.name} (${revoked.id}): it is refused from now on`);
  return exitCodes.ok;
}

function open(options: TokenOptions, shell: Shell) {
  const { environment, folder } = shell;
  const { data } = readConfig({ flags: { data: options.data }, environment, folder });
  if (!existsSync(data)) {
    throw usageError(`there is no data folder ${data}`, 'start `weir run` first, or name its folder with --data');
  }
  const paths = dataPaths(data);
  const audit = (action: string, { id, name, roles: held, tenant = null }: StoredToken): void => {
    const at = new Date(shell.now_ms()).toISOString();
    const who = { id: 'command', name: userInfo().username };
    const details = { name, roles: held, tenant };
    const entry: AuditEntry = { at, who, from: 'command', action, target: id, outcome: 'done', details };
    attempt(() => appendAudit(paths.audit, entry));
  };
  return { file: new TokenFile(paths.tokens, null), audit };
}

function daysOf(text: string): number {
  const days = Number(text);
  if (/^\d{1,5}$/.test(text) && days >= 1) return days;
  throw usageError(`--days ${text} is no number of days`, 'a whole number from 1 to 99999');
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw faultError('another `weir token` is changing the tokens', 'try again in a moment');
    const hint = systemHint(error) ?? 'see the message';
    throw faultError(`the tokens cannot be read or changed: ${message}`, `${hint}; nothing was changed`);
  }
}
