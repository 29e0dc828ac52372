// What a Square fetch remembers for the next one: the catalog's latest_time, and what was already seen of the time just before it.
import { isObject } from '../../../catalog/raw-fields.ts';
import type { Json } from '../../../json.ts';
import type { Remembered } from '../../connector.ts';
import type { ObjectFacts } from './scan-page.ts';

/** How far before `latest_time` changes are asked for: what Square commits late comes then. */
const overlapSeconds = 300;
/**
 * More versions than this in the overlap are not remembered: they then come as news, and cost a whole read. 5,000 are what
 * an import of a large menu makes within minutes, some 200 KB.
 */
const mostSeen = 5_000;

export interface Position {
  /** As Square issued it. */
  latestTime: string;
  /** Changed since this moment, which is exclusive; RFC 3339. */
  beginTime: string;
  /** Names of the versions in the overlap that are saved already; see `versionName`. */
  seen: ReadonlySet<string>;
}

/** Reads a remembered cursor; null when it is none of ours. */
export function readPosition(cursor: Json | undefined): Position | null {
  if (!isObject(cursor ?? null)) return null;
  const { latest_time, seen } = cursor as { [key: string]: Json };
  if (typeof latest_time !== 'string' || !isMoment(latest_time) || !Array.isArray(seen)) return null;
  return {
    latestTime: latest_time,
    beginTime: new Date(overlapStart(latest_time)).toISOString(),
    seen: new Set(seen.filter((name) => typeof name === 'string')),
  };
}

/** What to remember after a fetch that began at this latest_time and saw these objects; null where Square told no time. */
export function rememberedOf(latestTime: string | null, objects: Iterable<ObjectFacts>): Remembered | null {
  if (latestTime === null) return null;
  const start = overlapStart(latestTime);
  const names = new Set<string>();
  for (const facts of withNested(objects)) {
    if (names.size <= mostSeen && (facts.updatedAt === null || Date.parse(facts.updatedAt) >= start)) {
      names.add(versionName(facts));
    }
  }
  const seen = names.size > mostSeen ? [] : [...names].sort();
  return { cursor: { latest_time: latestTime, seen }, probe: { latest_time: latestTime } };
}

/** Whether an object stands in the overlap of this latest_time: what may have to be remembered. */
export function isRecent({ updatedAt, nested }: ObjectFacts, latestTime: string | null): boolean {
  if (latestTime === null) return false;
  const start = overlapStart(latestTime);
  return [updatedAt, ...nested.map((each) => each.updatedAt)].some((at) => at !== null && Date.parse(at) >= start);
}

/** One state of one object. A version alone would not do: a deletion may keep it. */
export function versionName({ id, version, isDeleted }: ObjectFacts): string {
  return `${id}@${version}${isDeleted ? '!' : ''}`;
}

// Of the first moment that there is, the overlap begins at none.
function isMoment(text: string): boolean {
  return !Number.isNaN(new Date(overlapStart(text)).getTime());
}

function overlapStart(latestTime: string): number {
  return Date.parse(latestTime) - overlapSeconds * 1_000;
}

function* withNested(objects: Iterable<ObjectFacts>): Generator<ObjectFacts> {
  for (const facts of objects) {
    yield facts;
    yield* facts.nested;
  }
}
