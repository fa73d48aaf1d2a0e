// Whether a version or a build is still supported: the current version and one back (handbook, Table A), and the newest build of the current one.
// Versions are compared number by number, only as far as both are written, so that 11.5.37608 is an 11.5.
import type { Product } from './policy.ts';

/** Whether the version is older than the one before the current; never when the policy or the mail does not say. */
export function oldVersion(product: Product, version: string | null): boolean {
  if (version === null || product.previous === null) return false;
  return compareVersions(version, product.previous) < 0;
}

/** Whether the build is older than the newest of the current version; a build of the version before can not be judged. */
export function oldBuild(product: Product, version: string | null, build: string | null): boolean {
  if (build === null || product.latestBuild === null) return false;
  if (version !== null && product.current !== null && compareVersions(version, product.current) !== 0) return false;
  return Number(build) < product.latestBuild;
}

/** Negative when `a` is older, 0 when they agree as far as both are written, positive when `a` is newer. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbers(version: string): number[] {
  return version.split('.').map(Number);
}
