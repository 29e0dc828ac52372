// The pages that the navigation, the palette and the shortcuts know, in their order.
import type { IconName } from '../look/icon.tsx';
import type { May } from '../queries/may.ts';
import type { Words } from '../words/en.ts';

export interface Place {
  to:
    | '/'
    | '/integrations'
    | '/history'
    | '/holds'
    | '/catalog'
    | '/rejects'
    | '/connectors'
    | '/hierarchy'
    | '/people'
    | '/keys'
    | '/audit'
    | '/doctor'
    | '/system';
  name: keyof Words['pages'];
  icon: IconName;
  group: keyof Words['groups'];
  /** Who sees it; default everybody. */
  needs?: keyof May;
  /** Pressed after g. */
  key?: string;
}

export const places: readonly Place[] = [
  { to: '/', name: 'home', icon: 'home', group: 'daily', key: 'h' },
  { to: '/integrations', name: 'integrations', icon: 'plug', group: 'daily', key: 'i' },
  { to: '/history', name: 'history', icon: 'till', group: 'daily', key: 's' },
  { to: '/holds', name: 'holds', icon: 'hand', group: 'daily', key: 'd' },
  { to: '/catalog', name: 'catalog', icon: 'box', group: 'daily', key: 'c' },
  { to: '/rejects', name: 'rejects', icon: 'aside', group: 'daily' },
  { to: '/hierarchy', name: 'hierarchy', icon: 'tree', group: 'set' },
  { to: '/connectors', name: 'connectors', icon: 'layers', group: 'set' },
  { to: '/people', name: 'people', icon: 'person', group: 'set', needs: 'system' },
  { to: '/keys', name: 'keys', icon: 'key', group: 'set', needs: 'administer' },
  { to: '/audit', name: 'audit', icon: 'list', group: 'set', needs: 'administer' },
  { to: '/doctor', name: 'doctor', icon: 'pulse', group: 'set', needs: 'system' },
  { to: '/system', name: 'system', icon: 'server', group: 'set', needs: 'system' },
];
