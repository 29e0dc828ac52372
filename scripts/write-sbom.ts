// `npm run sbom`: the list of everything that is installed, as CycloneDX 1.6; the same lockfile gives the same bytes.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findLocked, type LockedPackage, readLockfile } from './read-lockfile.ts';

interface Manifest {
  name: string;
  version: string;
  license: string;
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

/** The document. No time and no random number in it: its serial number comes from the lockfile. */
export function billOfMaterials(root: string): Record<string, unknown> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const { packages } = readLockfile(root);
  const byPath = new Map(packages.map((locked) => [locked.path, locked]));
  const self = `pkg:npm/${manifest.name}@${manifest.version}`;
  const direct = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.devDependencies };
  const namedBy = (from: string, names: readonly string[]) =>
    [...new Set(names.flatMap((name) => referenceOf(findLocked(byPath, from, name))))].sort();
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: serialNumber(readFileSync(join(root, 'package-lock.json'))),
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': self,
        name: manifest.name,
        version: manifest.version,
        purl: self,
        licenses: [{ license: { id: manifest.license } }],
      },
    },
    components: packages.map(componentOf),
    dependencies: [
      { ref: self, dependsOn: namedBy('', Object.keys(direct)) },
      ...packages.map((locked) => ({
        ref: locked.path,
        dependsOn: namedBy(locked.path, locked.asksFor),
      })),
    ],
  };
}

function componentOf(locked: LockedPackage): Record<string, unknown> {
  const { name, version, licence, integrity, isForDevelopment, isOptional } = locked;
  const [scope, own] = name.startsWith('@') ? name.split('/', 2) : [undefined, name];
  const licences = licence === null ? {} : { licenses: [licenceOf(licence)] };
  return {
    type: 'library',
    // A folder, not a purl: the same version may lie in two places.
    'bom-ref': locked.path,
    ...(scope === undefined ? {} : { group: scope }),
    name: own,
    version,
    scope: isForDevelopment ? 'excluded' : isOptional ? 'optional' : 'required',
    ...(integrity === null ? {} : { hashes: [hashOf(integrity)] }),
    ...licences,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
  };
}

// An SPDX expression is told in another field than the id of one licence.
function licenceOf(licence: string): Record<string, unknown> {
  return / (OR|AND|WITH) /.test(licence) ? { expression: licence } : { license: { id: licence } };
}

function hashOf(integrity: string): { alg: string; content: string } {
  const [algorithm = '', digest = ''] = integrity.split(' ', 1)[0]?.split(/-(.*)/s, 2) ?? [];
  return { alg: algorithm.replace(/^sha/, 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') };
}

const referenceOf = (locked: LockedPackage | undefined): string[] => (locked === undefined ? [] : [locked.path]);

/** A UUID (version 8: made as we like) of the lockfile's SHA-256. */
function serialNumber(lockfile: Buffer): string {
  const hex = createHash('sha256').update(lockfile).digest('hex');
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

if (import.meta.main) {
  process.stdout.write(`${JSON.stringify(billOfMaterials(join(import.meta.dirname, '..')), null, 2)}\n`);
}
