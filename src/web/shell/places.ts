// The pages that the navigation, the palette and the shortcuts know, in their order.
import type { IconName } from '../look/icon.tsx';
import type { Words } from '../words/en.ts';

export interface Place {
  to: '/' | '/integrations' | '/history' | '/holds' | '/catalog';
  name: keyof Words['pages'];
  icon: IconName;
  group: keyof Words['groups'];
  /** Pressed after g. */
  key?: string;
}

export const places: readonly Place[] = [
  { to: '/', name: 'home', icon: 'home', group: 'daily', key: 'h' },
  { to: '/integrations', name: 'integrations', icon: 'plug', group: 'daily', key: 'i' },
  { to: '/history', name: 'history', icon: 'till', group: 'daily', key: 's' },
  { to: '/holds', name: 'holds', icon: 'hand', group: 'daily', key: 'd' },
  { to: '/catalog', name: 'catalog', icon: 'box', group: 'daily', key: 'c' },
];
