// Changes as lines: field, old and new, prices first.
import { expect, test } from 'vitest';
import { changeText } from './diff-text.ts';

const item = { kind: 'modifiers' as const, external_id: '7', path_id: 'a/7', name: 'Oat milk' };

test('an update names every field with old and new, the price first', () => {
  const fields = { name: ['Milk', 'Oat milk'], price: ['0.5', '0.75'], is_available: [null, false] } as const;
  expect(changeText({ ...item, operation: 'updated', fields: structuredClone(fields) as never })).toBe(
    [
      '~ modifier  7  a/7  Oat milk',
      '    price         0.5 → 0.75',
      '    name          Milk → Oat milk',
      '    is_available  (none) → false',
      '',
    ].join('\n'),
  );
});

test('a creation and a removal are one line, a missing name and path leave no gap', () => {
  expect(changeText({ ...item, path_id: null, operation: 'created', fields: {} })).toBe('+ modifier  7  Oat milk\n');
  expect(changeText({ ...item, name: null, operation: 'removed', fields: {} })).toBe('- modifier  7  a/7\n');
});
