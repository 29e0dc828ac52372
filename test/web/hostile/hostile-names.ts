// Names as an attacker would give them to things: each says where it stood, and tells on itself if it ever runs.

/** Makes the name of something; `of` is what it names, e.g. 'site 1'. What runs sets `window.ran`. */
export type Attack = (of: string) => string;

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: these are texts that an attacker would write.
export const attacks = {
  image: (of) => `${of} <img src=x onerror="window.ran='${of}'">`,
  script: (of) => `${of} "><script>window.ran='${of}'</script>`,
  scriptEnd: (of) => `${of} </script></title></textarea><script>window.ran='${of}'</script>`,
  address: (of) => `javascript:window.ran='${of}'//`,
  vector: (of) => `${of} <svg/onload="window.ran='${of}'"><animate onbegin=window.ran=1>`,
  template: (of) => `${of} \${7*7} {{7*7}} #{7*7} <%= 7*7 %> {{constructor.constructor('window.ran=1')()}}`,
  frame: (of) => `${of} <iframe srcdoc="<script>parent.ran='${of}'</script>"></iframe>`,
  link: (of) => `${of} <a href="javascript:window.ran='${of}'">menu</a>`,
  attribute: (of) => `${of}' autofocus onfocus='window.ran=1' x=' onmouseover=window.ran=1 "`,
  style: (of) => `${of} </style><style>@import "//evil.example/a.css";</style> url(//evil.example/a.png)`,
  mutation: (of) => `${of} <math><mtext></form><mglyph><style></math><img src onerror=window.ran=1>`,
  // A right-to-left override, an isolate that is never closed, and characters of no width.
  bidi: (of) => `${of} \u202Egnp.exe\u2066 z\u200Be\u200Dr\uFEFFo`,
  entity: (of) => `${of} &lt;b&gt; &#x3C;script&#x3E; %3Cscript%3E \\u003cscript\\u003e`,
} satisfies Record<string, Attack>;
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: these are texts that an attacker would write.

export type AttackName = keyof typeof attacks;

/** Every one, in turn. */
export const allAttacks = Object.keys(attacks) as AttackName[];

/** 300 characters without any place for a line to break. */
export const endless = `endless ${'W'.repeat(292)}`;
