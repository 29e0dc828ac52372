// Proves how a trigger of the original is kept off our own writes.
import { expect, it } from 'vitest';
import { guardedDefinition } from './legacy-triggers.ts';

const ours = `current_setting('tillsync.sync', true) is distinct from '1'`;

it('O4: a trigger gets our exception, and keeps a condition that it had', () => {
  const head = 'CREATE TRIGGER t BEFORE UPDATE ON public.integration_products FOR EACH ROW';
  expect(guardedDefinition(`${head} EXECUTE FUNCTION f()`)).toBe(`${head} when (${ours}) execute FUNCTION f()`);
  expect(
    guardedDefinition(`${head} WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION f('WHEN (x) EXECUTE FUNCTION')`),
  ).toBe(`${head} when (((old.* IS DISTINCT FROM new.*)) and ${ours}) execute FUNCTION f('WHEN (x) EXECUTE FUNCTION')`);
});
