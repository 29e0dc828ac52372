// Status as icon, word and colour together, never as colour alone.
import type { ReactNode } from 'react';
import type { RunStatus } from '../api-types.ts';
import type { Words } from '../words/en.ts';
import { useWords } from '../words/words.ts';
import { Icon, type IconName } from './icon.tsx';

export type Tone = 'green' | 'blue' | 'amber' | 'red' | 'grey';
export type Health = keyof Words['health'];

const runLooks: Record<RunStatus, [Tone, IconName]> = {
  queued: ['blue', 'clock'],
  in_progress: ['blue', 'run'],
  success: ['green', 'check'],
  planned: ['grey', 'list'],
  partial: ['amber', 'alert'],
  held: ['amber', 'hand'],
  failed: ['red', 'cross'],
  interrupted: ['red', 'bolt'],
  cancelled: ['grey', 'cross'],
};

const healthLooks: Record<Health, [Tone, IconName]> = {
  running: ['blue', 'run'],
  held: ['amber', 'hand'],
  failed: ['red', 'cross'],
  late: ['amber', 'clock'],
  partial: ['amber', 'alert'],
  paused: ['grey', 'pause'],
  off: ['grey', 'pause'],
  defaults: ['grey', 'layers'],
  fresh: ['grey', 'dot'],
  healthy: ['green', 'check'],
};

/** The colour of a run's status. */
export function toneOf(status: RunStatus): Tone {
  return runLooks[status][0];
}

interface BadgeProps {
  tone: Tone;
  icon: IconName;
  children: ReactNode;
}

/** A word with its icon and colour. */
export function Badge({ tone, icon, children }: BadgeProps): ReactNode {
  return (
    <span className={`badge ${tone}`}>
      <span className={icon === 'run' ? 'turning' : undefined}>
        <Icon name={icon} size={12} />
      </span>
      {children}
    </span>
  );
}

export function RunBadge({ status }: { status: RunStatus }): ReactNode {
  const words = useWords();
  const [tone, icon] = runLooks[status];
  return (
    <Badge tone={tone} icon={icon}>
      {words.statuses[status]}
    </Badge>
  );
}

export function HealthBadge({ health }: { health: Health }): ReactNode {
  const words = useWords();
  const [tone, icon] = healthLooks[health];
  return (
    <Badge tone={tone} icon={icon}>
      {words.health[health]}
    </Badge>
  );
}
