// That a value stands at a level above, and at which.
import type { ReactNode } from 'react';
import { Icon } from '../../look/icon.tsx';

export function Inherited({ from }: { from: string }): ReactNode {
  return (
    <span className="inherited">
      <Icon name="layers" size={13} /> {from}
    </span>
  );
}
