// A page met an error of its own: the rest of the desk goes on.
import type { ErrorComponentProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Problem } from '../parts/problem.tsx';

export function Crashed({ error, reset }: ErrorComponentProps): ReactNode {
  return <Problem error={error instanceof Error ? error : new Error(String(error))} onRetry={reset} />;
}
