// How long a run may wait in the queue.

/** Seconds in the queue after which a run counts as one that no worker will take: a day. */
export const queuePatienceSeconds = 86_400;
