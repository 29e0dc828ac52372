// How long the soak lasts and with which seed, as run-soak.ts says it.

/** The seed of the whole soak; each part adds its own numbers to it. */
export const soakSeed = Number(process.env.TILLSYNC_SOAK_SEED ?? 1);

const end = performance.now() + Number(process.env.TILLSYNC_SOAK_MINUTES ?? 1) * 60_000;

/** Whether the time is over. */
export const isOver = () => performance.now() >= end;
