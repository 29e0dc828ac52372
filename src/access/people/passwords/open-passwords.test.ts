// Hashes of passwords: stated cost, one computation whatever is stored, a few at a time.
import { expect, it } from 'vitest';
import { openPasswords } from './open-passwords.ts';

const cheap = { logN: 4, r: 1, p: 1 };

it('S24: is hashed with scrypt at a stated cost, with a salt of its own, exactly as it was given', async () => {
  const passwords = openPasswords();
  const stored = await passwords.hash('four plain words here');
  expect(stored).toMatch(/^scrypt\$15\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
  expect(await passwords.verify(stored, 'four plain words here')).toBe(true);
  const quick = openPasswords({ cost: cheap });
  const hash = await quick.hash('Ünïcode 🐢');
  expect(await quick.hash('Ünïcode 🐢')).not.toBe(hash);
  expect(await quick.verify(hash, 'Ünïcode 🐢')).toBe(true);
  for (const other of ['ünïcode 🐢', 'Ünïcode 🐢 ', 'Ünïcode 🐢'.normalize('NFD'), 'Ünïcode 🐢'.slice(0, -1), '']) {
    expect(await quick.verify(hash, other)).toBe(false);
  }
});

it('a hash of another cost is still compared, and is dated', async () => {
  const [old, now] = [openPasswords({ cost: cheap }), openPasswords({ cost: { ...cheap, logN: 5 } })];
  const stored = await old.hash('four plain words here');
  expect(await now.verify(stored, 'four plain words here')).toBe(true);
  expect([old.isDated(stored), now.isDated(stored)]).toEqual([false, true]);
});

it('S26: one hash is computed for whatever is stored, also for nothing, for nonsense and for an unaffordable cost', async () => {
  const passwords = openPasswords({ cost: cheap });
  const salt = 'A'.repeat(22);
  for (const stored of [
    null,
    '',
    'x',
    `scrypt$40$8$3$${salt}$${'A'.repeat(43)}`,
    `scrypt$0$0$0$${salt}$${'A'.repeat(43)}`,
  ]) {
    const before = passwords.computed();
    expect(await passwords.verify(stored, 'four plain words here')).toBe(false);
    expect(passwords.computed() - before).toBe(1);
  }
});

it('few are computed at once, a hundred wait, and more are told to come again', async () => {
  const passwords = openPasswords({ cost: cheap, parallel: 2 });
  const asked = Array.from({ length: 110 }, () => passwords.hash('x'));
  const ended = await Promise.allSettled(asked);
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(102);
  const refused = ended.filter((one) => one.status === 'rejected');
  expect(refused).toHaveLength(8);
  expect(refused[0]?.reason).toMatchObject({ code: 'sign_in_busy', status: 503, retry: { afterSeconds: 5 } });
  expect(await passwords.hash('x')).toMatch(/^scrypt/);
});
