// What a person reads of a test of a connection, and of a config that cannot be synced yet.
import { expect, test } from 'vitest';
import { checkEndText, checkStepText } from './check-text.ts';
import { missingAdvice } from './missing-advice.ts';

test('a step is one line, and one that failed has its fix below; nothing of a POS moves the cursor', () => {
  const step = { step: 'login', skipped: false, hint: null, code: null } as const;
  expect(checkStepText({ ...step, ok: true, message: 'Logged in.' })).toBe('✓ login       Logged in.\n');
  expect(checkStepText({ ...step, ok: false, message: 'Refused \u001b[2J.', hint: 'Use another key.' })).toBe(
    '✗ login       Refused \\x1b[2J.\n              Fix: Use another key.\n',
  );
});

test('what was not tried and what the items look like comes at the end', () => {
  const skipped = { step: 'page', ok: false, skipped: true, message: 'Not tried.', hint: null, code: null } as const;
  expect(checkEndText({ steps: [skipped], items: [] })).toBe('– page        Not tried.\n');
  const item = {
    kind: 'products',
    external_id: '7',
    path_id: null,
    name: 'Tea',
    price: '2.50',
    currency: 'USD',
    is_available: null,
  } as const;
  expect(checkEndText({ steps: [], items: [item] })).toMatch(/^\nKIND .*\nproducts {2}7 {3}Tea {3}2\.50 USD {2}–\n$/);
});

test('a config whose identity the POS can tell is sent to the test, any other to its settings', () => {
  const asks = { identity: ['merchant'], finds_identity: true };
  expect(missingAdvice({ id: 'c1', missing: ['merchant'] }, asks)).toContain('tillsync connectors test c1 --save');
  expect(missingAdvice({ id: 'c1', missing: ['merchant', 'token'] }, asks)).toContain('configs set');
  expect(missingAdvice({ id: 'c1', missing: ['merchant'] }, { ...asks, finds_identity: false })).toContain(
    'configs set',
  );
  expect(missingAdvice({ id: 'c1', missing: [] }, asks)).toBe('');
});
