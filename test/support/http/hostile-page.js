// What a hostile page does to its visitor: every way in which a page can make a browser send something elsewhere.

/** Sends all of it. Not every way tells the page how it ended, so whoever counts, counts what arrives. */
async function attack({ ours, writes }) {
  const json = '{"name":"stolen"}';
  const posts = writes.filter(({ method }) => method === 'POST').map(({ path }) => ours + path);
  const headers = { 'content-type': 'application/json', authorization: 'Bearer guessed' };
  // With a preflight, which is never allowed.
  const tries = writes.map(({ method, path }) =>
    fetch(ours + path, { method, body: json, headers, credentials: 'include' }),
  );
  for (const url of posts) {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      const init = { method: 'POST', mode: 'no-cors', credentials: 'include', body: json };
      tries.push(fetch(url, { ...init, headers: { 'content-type': type } }));
    }
    navigator.sendBeacon(url, json);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) sendForm(url, type);
  }
  const sandbox = document.createElement('iframe');
  sandbox.setAttribute('sandbox', 'allow-scripts');
  sandbox.srcdoc = `<script>for (const url of ${JSON.stringify(posts)})
    fetch(url, { method: 'POST', mode: 'no-cors', body: '{}', credentials: 'include' })</script>`;
  document.body.append(sandbox);
  await Promise.allSettled(tries);
}

function sendForm(action, enctype) {
  const sink = Object.assign(document.createElement('iframe'), { name: `sink${Math.random()}` });
  const form = Object.assign(document.createElement('form'), { action, method: 'post', enctype, target: sink.name });
  // As text/plain this is sent as one JSON object.
  form.append(Object.assign(document.createElement('input'), { name: '{"name":"stolen","a":"', value: '"}' }));
  document.body.append(sink, form);
  form.submit();
}

/** Whether a page of ours can be looked into from a frame. */
async function frame(url) {
  const element = Object.assign(document.createElement('iframe'), { src: url });
  const loaded = new Promise((resolve) => element.addEventListener('load', resolve));
  document.body.append(element);
  await loaded;
  return element.contentDocument !== null;
}

Object.assign(globalThis, { attack, frame });
