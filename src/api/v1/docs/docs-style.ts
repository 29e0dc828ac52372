// The style of the pages of the API: readable, light or dark as the system is, nothing from another host.

/** Served as /api/docs/style.css. */
export const docsStyle = `:root { color-scheme: light dark; --line: #8884; --soft: #8881; --get: #2563eb; --post: #15803d; --patch: #b45309; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 2rem 1rem 6rem; max-width: 60rem; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; }
pre { background: var(--soft); padding: 0.75rem; overflow-x: auto; border-radius: 6px; }
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); padding-bottom: 0.25rem; }
details { border: 1px solid var(--line); border-radius: 6px; margin: 0.5rem 0; }
summary { padding: 0.5rem 0.75rem; cursor: pointer; display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; }
details > div { padding: 0 0.75rem 0.75rem; }
table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid var(--line); }
.method { font-weight: 700; min-width: 3.5rem; }
.get { color: var(--get); } .post { color: var(--post); } .patch { color: var(--patch); }
@media (prefers-color-scheme: dark) { :root { --get: #93c5fd; --post: #86efac; --patch: #fcd34d; } }
a:focus-visible, summary:focus-visible { outline: 2px solid; outline-offset: 2px; }
`;
