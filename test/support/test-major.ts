// Which PostgreSQL major the tests run on.

/** 18 unless TILLSYNC_TEST_PG=15. */
export const testMajor: 15 | 18 = process.env.TILLSYNC_TEST_PG === '15' ? 15 : 18;
