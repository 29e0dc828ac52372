// The label of a setting: what people call it, and beside it the name by which the command and the API know it.
import type { ReactNode } from 'react';

export function SettingLabel({ title, name }: { title: string; name: string }): ReactNode {
  return (
    <>
      {title} <code className="setting-name">{name}</code>
    </>
  );
}
