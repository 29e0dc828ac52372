// Asks before a page with unsaved changes is left, by a link, by going back, and by closing the tab.
import { Button, Modal } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useWords } from '../../words/words.ts';

/** `count()` = how many changes are not saved, asked when somebody leaves. */
export function LeaveGuard({ count }: { count(): number }): ReactNode {
  const { leave } = useWords().edit.settings;
  const { app } = useWords();
  const blocker = useBlocker({
    shouldBlockFn: () => count() > 0,
    enableBeforeUnload: () => count() > 0,
    withResolver: true,
  });
  const stay = () => blocker.reset?.();
  return (
    <Modal
      opened={blocker.status === 'blocked'}
      onClose={stay}
      title={leave.title}
      closeButtonProps={{ 'aria-label': app.close }}
    >
      <div className="form">
        <p>{leave.text(count())}</p>
        <div className="live-actions">
          <Button data-autofocus onClick={stay}>
            {leave.stay}
          </Button>
          <Button variant="default" onClick={() => blocker.proceed?.()}>
            {leave.go}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
