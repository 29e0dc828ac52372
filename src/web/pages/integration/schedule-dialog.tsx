// How often an integration is synced by itself: not at all, at an interval, or by a cron expression in a time zone.
import { Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { ShownConfig } from '../../api-types.ts';
import { callWithTag } from '../../call-api.ts';
import { Waiting } from '../../parts/page-parts.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { useChange } from '../../queries/calls.ts';
import { scheduleWords } from '../../words/schedule-words.ts';
import { useWords } from '../../words/words.ts';
import { NextTimes } from './next-times.tsx';

interface DialogProps {
  configId: string;
  isOpen: boolean;
  onClose(): void;
}

export function ScheduleDialog({ configId, isOpen, onClose }: DialogProps): ReactNode {
  const { integration, app } = useWords();
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={integration.schedule}
      closeButtonProps={{ 'aria-label': app.close }}
    >
      <AsRead configId={configId} onDone={onClose} />
    </Modal>
  );
}

/** The state that is changed is the one that was read when the dialog opened: who changed it meanwhile is not overruled. */
function AsRead({ configId, onDone }: { configId: string; onDone(): void }): ReactNode {
  const read = useQuery({
    queryKey: ['schedule', configId],
    queryFn: ({ signal }) => callWithTag<ShownConfig>(`/configs/${configId}`, undefined, { signal }),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (read.data === undefined) return <Waiting rows={3} />;
  return <Form config={read.data.answer} tag={read.data.tag} onDone={onDone} />;
}

type Way = 'none' | 'every' | 'cron';

const none = { cron: null, every_minutes: null, time_zone: null };

interface FormProps {
  config: ShownConfig;
  tag: string | null;
  onDone(): void;
}

function Form({ config, tag, onDone }: FormProps): ReactNode {
  const all = useWords();
  const { time, edit, schedule: words } = all;
  const { cron, every_minutes, time_zone } = config.schedule;
  const [way, setWay] = useState<Way>(cron !== null ? 'cron' : every_minutes !== null ? 'every' : 'none');
  const [minutes, setMinutes] = useState(String(every_minutes ?? 60));
  const [expression, setExpression] = useState(cron ?? '0 4 * * *');
  const [zone, setZone] = useState(time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);
  const change = useChange<ShownConfig>();
  const schedule = {
    none: null,
    every: { every_minutes: Number(minutes) },
    cron: { cron: expression, time_zone: zone },
  }[way];
  const asked = {
    none: null,
    every: { every_minutes: minutes },
    cron: { cron: expression, time_zone: zone },
  }[way];
  const said = way === 'none' ? '' : scheduleWords({ ...config.schedule, ...none, ...schedule }, all);
  const save = () =>
    change.mutate(
      { path: `/configs/${config.id}`, method: 'PATCH', body: { schedule }, headers: { 'if-match': tag ?? '*' } },
      { onSuccess: onDone },
    );
  const send = (event: FormEvent) => {
    event.preventDefault();
    save();
  };
  return (
    <>
      <form className="form" onSubmit={send}>
        <NativeSelect
          label={words.how}
          value={way}
          data={[
            { value: 'none', label: time.none },
            { value: 'every', label: words.interval },
            { value: 'cron', label: words.cron },
          ]}
          onChange={(event) => setWay(event.currentTarget.value as Way)}
        />
        {way === 'every' ? (
          <TextInput
            label={words.minutes}
            inputMode="numeric"
            required
            value={minutes}
            onChange={(event) => setMinutes(event.currentTarget.value)}
          />
        ) : null}
        {way === 'cron' ? (
          <>
            <TextInput
              label={words.cron}
              description={words.cronHelp}
              required
              value={expression}
              onChange={(event) => setExpression(event.currentTarget.value)}
            />
            <Zone value={zone} onChange={setZone} />
          </>
        ) : null}
        <NextTimes configId={config.id} schedule={asked} said={said} />
        <Button type="submit" loading={change.isPending}>
          {edit.schedule.save}
        </Button>
      </form>
      <Refusal error={change.error} onProved={save} />
    </>
  );
}

/** Any zone may be typed; those that this browser knows are offered. */
function Zone({ value, onChange }: { value: string; onChange(zone: string): void }): ReactNode {
  const { schedule: words } = useWords();
  return (
    <>
      <TextInput
        label={words.zone}
        required
        list="time-zones"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <datalist id="time-zones">
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </>
  );
}
