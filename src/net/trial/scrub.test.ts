// What a recording keeps and what it does not.
import { expect, test } from 'vitest';
import { valueRedactor } from '../redact.ts';
import { nowhere, openScrubber } from './scrub.ts';

const origin = 'https://real.example:8443';
const open = (secrets: string[] = []) => openScrubber({ redact: valueRedactor(secrets), origin });

test('secrets in use, e-mail addresses, phone numbers and the host go; ids, prices and dates stay to the last digit', () => {
  const body = `{"id": 9007199254740993, "price": 1.10, "at": "2026-01-10", "sku": "5551234567", "note": "ask ann@pos.example or (555) 123-4567",
    "key": "hunter2-x", "link": "${origin}/v2?a=1", "access_token": "abc", "owner": {"email": "b@c.example", "phones": ["+15551234567"]}}`;
  const clean = open(['hunter2-x']).body(body);
  for (const gone of ['hunter2', 'ann@', '123-4567', 'b@c', '+15551234567', 'abc', origin])
    expect(clean).not.toContain(gone);
  expect(clean).toContain('"id":9007199254740993,"price":1.10,"at":"2026-01-10","sku":"5551234567"');
  expect(clean).toContain(`${nowhere}/v2?a=1`);
});

test('what an answer calls a token is the same stand-in in the next request; a place in a list of pages stays what it is', () => {
  const scrub = open();
  const { nextPageToken, other_token } = JSON.parse(scrub.body('{"nextPageToken": "p/2", "other_token": "p/3"}'));
  expect([nextPageToken, other_token === 'p/3']).toEqual(['p/2', false]);
  expect(scrub.path(new URL(`${origin}/items?limit=2&pageToken=p%2F2`))).toBe('/items?limit=2&pageToken=p%2F2');
  expect(scrub.path(new URL(`${origin}/items?at=p%2F3`))).toBe(`/items?at=${other_token}`);
});

test('a body that is no JSON is scrubbed as text', () => {
  expect(open(['hunter2-x']).body('<p>hunter2-x, c@d.example</p>')).toBe('<p>[redacted], person-1@example.com</p>');
});
