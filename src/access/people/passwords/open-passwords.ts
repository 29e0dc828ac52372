// Hashes passwords with scrypt: a few at a time, since each takes 32 MiB and a fifth of a second; the others wait.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { TillsyncError } from '../../../errors.ts';

/** What one hash costs: 2^`logN` blocks of `r` × 128 bytes, `p` times over. */
export interface HashCost {
  logN: number;
  r: number;
  p: number;
}

/** Hashes and compares. Throws TillsyncError sign_in_busy when too many wait already. */
export interface Passwords {
  /** 'scrypt$<log2 N>$<r>$<p>$<salt>$<hash>', base64url: its cost is part of it, so that it can be raised later. */
  hash(password: string): Promise<string>;
  /** Whether this is the password; one hash is computed whatever is `stored`, also where nothing is. */
  verify(stored: string | null, password: string): Promise<boolean>;
  /** Whether a hash was made at another cost than today's. */
  isDated(stored: string): boolean;
  /** Hashes computed so far. */
  computed(): number;
}

// OWASP's table has this beside N = 2^17, p = 1; it takes a quarter of the memory for the same work.
const usualCost: HashCost = { logN: 15, r: 8, p: 3 };

// More than ours, so that it can be raised; a row that asks for a gigabyte is not obeyed.
const highestCost = { logN: 20, r: 16, p: 16 };

const waitingMost = 100;

/** A hasher with its own queue; one per process is enough. */
export function openPasswords(options: { cost?: HashCost; parallel?: number } = {}): Passwords {
  const { cost = usualCost, parallel = 2 } = options;
  const inTurn = limited(parallel);
  const decoy = randomBytes(16);
  let computed = 0;
  const derive = (password: string, of: HashCost & { salt: Buffer }) =>
    inTurn(() => {
      computed++;
      return scryptOf(password, of);
    });
  return {
    async hash(password) {
      const salt = randomBytes(16);
      const hash = await derive(password, { ...cost, salt });
      return ['scrypt', cost.logN, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
    },
    async verify(stored, password) {
      const known = stored === null ? null : parsed(stored);
      const hash = await derive(password, known ?? { ...cost, salt: decoy });
      // Compared with something in every case: nobody's password is right.
      const isEqual = timingSafeEqual(hash, known?.hash ?? randomBytes(32));
      return known !== null && isEqual;
    },
    isDated(stored) {
      const known = parsed(stored);
      return known === null || known.logN !== cost.logN || known.r !== cost.r || known.p !== cost.p;
    },
    computed: () => computed,
  };
}

function scryptOf(password: string, { logN, r, p, salt }: HashCost & { salt: Buffer }): Promise<Buffer> {
  const N = 2 ** logN;
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 32, { N, r, p, maxmem: 256 * N * r }, (error, hash) => {
      if (error) reject(error);
      else resolve(hash);
    });
  });
}

function parsed(stored: string): (HashCost & { salt: Buffer; hash: Buffer }) | null {
  const found = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]{22})\$([\w-]{43})$/.exec(stored);
  if (found === null) return null;
  const [logN = 0, r = 0, p = 0] = found.slice(1, 4).map(Number);
  const isAffordable = logN >= 1 && logN <= highestCost.logN && r <= highestCost.r && p <= highestCost.p;
  if (!isAffordable || r < 1 || p < 1) return null;
  return {
    ...{ logN, r, p },
    salt: Buffer.from(found[4] as string, 'base64url'),
    hash: Buffer.from(found[5] as string, 'base64url'),
  };
}

// So many at once, the others in the order in which they came.
function limited(parallel: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < parallel) running++;
    else {
      if (waiting.length >= waitingMost) throw busy();
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

function busy(): TillsyncError {
  return new TillsyncError('Too many people sign in at this moment.', {
    code: 'sign_in_busy',
    step: 'auth',
    retry: { afterSeconds: 5 },
    effect: 'Nothing was changed.',
    hint: 'Try again in a few seconds.',
    status: 503,
    exitCode: 75,
  });
}
