// The number with which this page may add styles of its own; the server made it for this one answer.

/** Read once: browsers hide it from the markup but not from its own page. */
export const pageNonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

// Where dialogs lock the page's scrolling, their style asks for it by this name.
Object.assign(globalThis, { __webpack_nonce__: pageNonce });
