// What a gate finds: one figure that does not depend on how fast the machine is.

export interface Finding {
  /** Named so in goals.ts, e.g. 'growth'. */
  gate: string;
  contender: string;
  /** What the goal is about. */
  value: number;
  /** The rest of the sentence, for the report. */
  said: string;
}
