// What the person who is signed in may do somewhere: pages offer only that. The server decides anyway.
import { useSession } from './session.ts';

export interface May {
  /** Sync, approve, discard. */
  operate: boolean;
  /** Change settings and keys. */
  administer: boolean;
  /** Users and everything of no place. */
  system: boolean;
}

export function useMay(): May {
  const roles = useSession().data?.user.roles ?? [];
  const administer = roles.some(({ role }) => role === 'admin');
  return {
    operate: administer || roles.some(({ role }) => role === 'operator'),
    administer,
    system: roles.some(({ role, level }) => role === 'admin' && level === 'all'),
  };
}
