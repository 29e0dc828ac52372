// The schedule's part of tillsync configs: options of add and set, pause and resume.
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import { inputError, TillsyncError } from '../../../errors.ts';
import type { Config } from '../../../records/configs/config.ts';
import { listConfigs } from '../../../records/configs/read-configs.ts';
import type { ScheduleChange } from '../../../sync/schedule/set-schedule.ts';
import { findConfig } from '../../find-config.ts';
import { counted } from '../../print/quantities.ts';
import { scheduleFields } from '../../print/schedule-text.ts';
import { fields } from '../../print/table.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf } from '../../verb.ts';
import { askedHere, requestedBy, withApp } from '../../with-app.ts';

export interface ScheduleOptions {
  every?: string;
  cron?: string;
  timeZone?: string;
  /** false with --no-schedule; commander gives true without it. */
  schedule?: boolean;
}

export function scheduleOptions(command: Command): Command {
  return command
    .option('--every <time>', 'sync it every so often: 15m, 2h or 1d')
    .option('--cron <expression>', 'sync it at these times: minute, hour, day, month, weekday')
    .option('--time-zone <zone>', 'the zone of --cron, e.g. America/Chicago (default: UTC)');
}

/** What the options say of the schedule; undefined = nothing. Throws TillsyncError schedule_invalid. */
export function scheduleChange({ every, cron, timeZone, schedule }: ScheduleOptions): ScheduleChange | undefined {
  const said = [every, cron, schedule === false ? '' : undefined].filter((value) => value !== undefined);
  if (said.length > 1 || (timeZone !== undefined && (every !== undefined || schedule === false))) {
    throw inputError(
      'schedule_invalid',
      'The options say several schedules at once.',
      'Give --every, or --cron with --time-zone, or --no-schedule.',
    );
  }
  if (schedule === false) return 'none';
  if (every !== undefined) return { everyMinutes: minutesOf(every) };
  if (cron !== undefined) return { cron, ...(timeZone === undefined ? {} : { timeZone }) };
  return timeZone === undefined ? undefined : { timeZone };
}

const unitMinutes: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440 };

function minutesOf(text: string): number {
  const [, number, unit = 'm'] = /^(\d{1,6})([mhd])?$/.exec(text) ?? [];
  if (number !== undefined) return Number(number) * (unitMinutes[unit] ?? 1);
  throw inputError('schedule_invalid', `"${text}" is no interval.`, 'Give minutes, hours or days: 15m, 2h or 1d.');
}

export function definePause(command: Command): void {
  command
    .command('pause <config>')
    .description('Stop its scheduled syncs for a while; those that somebody asks for go on')
    .option('--reason <text>', 'why, for whoever wonders later')
    .addHelpText('after', examples('tillsync configs pause "QU POS" --reason "Closed for renovation"'))
    .action((named: string, _options: object, self: Command) =>
      withApp(self, async (app) => {
        const { id } = await findConfig(app.database, named);
        const { reason } = optionsOf<{ reason?: string }>(self);
        const { pauseConfig } = await import('../../../sync/schedule/set-schedule.ts');
        const config = await pauseConfig(askedHere(app), { configId: id, by: requestedBy(), reason: reason ?? null });
        return report(config, self);
      }),
    );
}

export function defineResume(command: Command): void {
  command
    .command('resume [config]')
    .description('Let its schedule go on, from the next due time on')
    .option('--adopted', 'all whose schedules came along from the original program and wait since')
    .addHelpText('after', examples('tillsync configs resume "QU POS"', 'tillsync configs resume --adopted'))
    .action((named: string | undefined, _options: object, self: Command) =>
      withApp(self, async (app) => {
        const { adopted } = optionsOf<{ adopted?: boolean }>(self);
        if ((named === undefined) === (adopted !== true)) {
          throw inputError('usage', 'It must be clear what to resume.', 'Name one config, or say --adopted.');
        }
        if (named === undefined) return await resumeAdopted(app, self);
        const { resumeConfig } = await import('../../../sync/schedule/set-schedule.ts');
        return report(await resumeConfig(askedHere(app), (await findConfig(app.database, named)).id), self);
      }),
    );
}

/** A schedule that cannot be read keeps its pause, and does not keep the others from going on. */
async function resumeAdopted(app: App, self: Command): Promise<number> {
  const { resumeConfig } = await import('../../../sync/schedule/set-schedule.ts');
  const waiting = (await listConfigs(app.database)).filter(({ schedule }) => schedule.paused_by === 'adoption');
  const resumed: Config[] = [];
  for (const { id, name } of waiting) {
    try {
      resumed.push(await resumeConfig(askedHere(app), id));
    } catch (error) {
      if (!(error instanceof TillsyncError) || error.step !== 'validation') throw error;
      writeTalk(`${name}: ${error.message} ${error.hint}\n`);
    }
  }
  if (optionsOf(self).json) writeJson({ data: resumed, next: null });
  else writeOut(`${counted(resumed.length, 'schedule')} resumed.\n`);
  return resumed.length === waiting.length ? 0 : 1;
}

function report(config: Config, self: Command): number {
  if (optionsOf(self).json) writeJson(config);
  else writeOut(fields([['name', config.name], ...scheduleFields(config)]));
  return 0;
}
