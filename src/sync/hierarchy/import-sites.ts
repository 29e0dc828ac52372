// Makes sites of the places that a POS account lists, and where asked a config for each.
import type { PosLocation } from '../../connectors/connector.ts';
import { inputError, TillsyncError } from '../../errors.ts';
import { type HierarchyNode, listHierarchy } from '../../records/hierarchy/read-hierarchy.ts';
import { readSiteLocations, setSiteLocation } from '../../records/hierarchy/write-hierarchy.ts';
import { lockSource } from '../../records/sources/lock-source.ts';
import type { Admit, AdmitSecrets } from '../configs/bind-source.ts';
import type { Deps } from '../deps.ts';
import { type ResolvedConfig, resolveConfig } from '../resolve-config.ts';
import { addConfig } from '../set-config.ts';
import { openFetch } from '../upstream/open-fetch.ts';
import { addNode, removeNode } from './change-hierarchy.ts';

export interface SitesToImport {
  /** The config whose credentials list the places. */
  configId: string;
  /** Where the sites go; default: the company of the config. */
  companyId?: number | undefined;
  /** Also adds a config at site level for each, with the place's params; what they lack comes from the levels above. */
  withConfigs: boolean;
  /** Only these of the places; default: all. */
  locationIds?: readonly string[] | undefined;
  /** As in ConfigToAdd. */
  admit?: Admit | undefined;
  admitSecrets?: AdmitSecrets | undefined;
  signal: AbortSignal;
}

/** A place of the account, before it is imported. */
export interface ListedPlace {
  location_id: string;
  name: string;
  address: string | null;
  /** The site that it is already; null = it would be added. */
  site_id: number | null;
}

export interface ImportedSite {
  location_id: string;
  name: string;
  /** null = it could not be added. */
  site_id: number | null;
  outcome: 'added' | 'known' | 'failed';
  config_id: string | null;
  /** What the new config still lacks; [] = runnable, or no config was asked for. */
  missing: string[];
  /** Why not, as a sentence. */
  error: string | null;
}

// More are no list of restaurants.
const mostLocations = 20_000;

/**
 * Adds a site per place. A place whose site is known (from an earlier import, or by its name in the company) is left alone,
 * so that it can be run again. Where the config has a source, each place is noted as the site's location there, by which
 * items with prices by location find their site. Throws TillsyncError config_unknown, locations_not_listed,
 * hierarchy_unknown, and as a fetch does.
 */
export async function importSites(deps: Deps, of: SitesToImport): Promise<ImportedSite[]> {
  const { resolved, companyId, places } = await matchPlaces(deps, of);
  const wanted = of.locationIds === undefined ? null : new Set(of.locationIds);
  const imported: ImportedSite[] = [];
  for (const { place, known } of places) {
    if (wanted !== null && !wanted.has(place.id)) continue;
    if (known !== null) {
      // A site that a person added before is this place from now on.
      await noteLocation(deps, resolved, { place, siteId: known });
      imported.push({ ...named(place), site_id: known, outcome: 'known' });
      continue;
    }
    imported.push(await importOne(deps, { ...of, resolved, place, companyId }));
  }
  return imported;
}

/** What importSites would find, without writing anything. Throws as importSites does. */
export async function previewSites(
  deps: Deps,
  of: Pick<SitesToImport, 'configId' | 'companyId' | 'signal'>,
): Promise<ListedPlace[]> {
  const { places } = await matchPlaces(deps, of);
  return places.map(({ place, known }) => ({
    location_id: place.id,
    name: place.name,
    address: place.address,
    site_id: known,
  }));
}

async function matchPlaces(deps: Deps, of: Pick<SitesToImport, 'configId' | 'companyId' | 'signal'>) {
  const resolved = await resolveConfig(deps, of.configId);
  const companyId = of.companyId ?? resolved.config.company_id;
  const listed = await listPlaces(deps, resolved, of.signal);
  const byLocation =
    resolved.sourceId === null ? new Map<string, number>() : await readSiteLocations(deps.database, resolved.sourceId);
  const byName = await sitesByName(deps, companyId, new Set(byLocation.values()));
  const places = listed.map((place) => ({
    place,
    known: byLocation.get(place.id) ?? byName.get(place.name)?.shift() ?? null,
  }));
  return { resolved, companyId, places };
}

function named({ id, name }: PosLocation): ImportedSite {
  return { location_id: id, name, site_id: null, outcome: 'failed', config_id: null, missing: [], error: null };
}

async function importOne(
  deps: Deps,
  of: Pick<SitesToImport, 'withConfigs' | 'admit' | 'admitSecrets'> & {
    resolved: ResolvedConfig;
    place: PosLocation;
    companyId: number | null;
  },
): Promise<ImportedSite> {
  const { place, resolved, companyId } = of;
  let site: HierarchyNode | null = null;
  try {
    site = await addNode(deps, 'site', { name: place.name, above: companyId });
    if (!of.withConfigs) {
      await noteLocation(deps, resolved, { place, siteId: site.id });
      return { ...named(place), site_id: site.id, outcome: 'added' };
    }
    const config = await addConfig(deps, {
      connectorId: resolved.connector.id,
      name: place.name,
      level: 'site',
      conceptId: resolved.config.concept_id ?? undefined,
      companyId: companyId ?? undefined,
      siteId: site.id,
      params: place.params,
      secrets: {},
      admit: of.admit,
      admitSecrets: of.admitSecrets,
    });
    await noteLocation(deps, resolved, { place, siteId: site.id });
    return { ...named(place), site_id: site.id, outcome: 'added', config_id: config.id, missing: config.missing };
  } catch (error) {
    if (!(error instanceof TillsyncError)) throw error;
    if (site !== null) await removeNode(deps, 'site', site.id);
    return { ...named(place), error: error.message };
  }
}

async function noteLocation(
  { database }: Deps,
  { sourceId }: ResolvedConfig,
  { place, siteId }: { place: PosLocation; siteId: number },
): Promise<void> {
  if (sourceId === null) return;
  await database.transaction(async (q) => {
    // A save of the source reads which site a location is, and writes the rows that follow here.
    await lockSource(q, sourceId);
    await setSiteLocation(q, { sourceId, locationId: place.id, siteId });
  });
}

// Several places may have one name: each takes one of the sites that no location has yet.
async function sitesByName(
  { database }: Deps,
  companyId: number | null,
  located: ReadonlySet<number>,
): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  if (companyId === null) return found;
  for (let cursor: string | undefined; ; ) {
    const { data, next } = await listHierarchy(database, 'site', { above: companyId, limit: 1000, cursor });
    for (const { name, id } of data) if (!located.has(id)) found.set(name, [...(found.get(name) ?? []), id]);
    if (next === null) return found;
    cursor = next;
  }
}

async function listPlaces(deps: Deps, resolved: ResolvedConfig, signal: AbortSignal): Promise<PosLocation[]> {
  const { connector, params, secrets } = resolved;
  if (connector.listLocations === undefined) {
    throw inputError(
      'locations_not_listed',
      `${connector.title} cannot list the places of an account.`,
      'Add the sites one by one with `tillsync sites add`.',
    );
  }
  const way = await openFetch(deps, resolved, { signal });
  const places: PosLocation[] = [];
  try {
    for await (const place of connector.listLocations({
      settings: { params, secrets },
      ...way,
      signal,
      now: new Date(),
    })) {
      places.push(place);
      if (places.length >= mostLocations) break;
    }
  } finally {
    await way.http.close();
  }
  return places;
}
