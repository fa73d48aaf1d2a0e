// Keeps secrets where others can read: in the database they stand encrypted with a key that is not there (TRUST T26). AES-256-GCM with the place
// of each secret authenticated beside it, so that nobody can put one row's secret into another; keys derived by HKDF (RFC 5869).
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { secretOf, type Secret } from './secret.ts';

/** Seals and opens with one key. `place` names where a secret is kept: it opens nowhere else. */
export interface Sealer {
  seal(text: Secret, place: string): Buffer;
  /** The secret; null when it was sealed with another key, for another place, or was altered. */
  open(sealed: Buffer, place: string): Secret | null;
  /** A keyed fingerprint: tells whether two texts are equal, and nothing else about them. */
  fingerprint(parts: (string | null)[]): string;
}

const version = 1;
const nonceBytes = 12;
const tagBytes = 16;

/** A sealer by the `secret` of casepost.yaml; `purpose` keeps its keys apart from those of others. */
export function sealer(secret: Secret, purpose: string): Sealer {
  const derive = (use: string) =>
    Buffer.from(hkdfSync('sha256', secret.reveal(), '', `casepost ${purpose} ${use}`, 32));
  const sealing = derive('seal');
  const marking = derive('fingerprint');
  return {
    seal(text, place) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce).setAAD(Buffer.from(place));
      const body = Buffer.concat([cipher.update(text.reveal(), 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), body]);
    },
    open(sealed, place) {
      if (sealed[0] !== version || sealed.length < 1 + nonceBytes + tagBytes) return null;
      const nonce = sealed.subarray(1, 1 + nonceBytes);
      const tag = sealed.subarray(1 + nonceBytes, 1 + nonceBytes + tagBytes);
      const decipher = createDecipheriv('aes-256-gcm', sealing, nonce, { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(place)).setAuthTag(tag);
      try {
        const body = sealed.subarray(1 + nonceBytes + tagBytes);
        return secretOf(Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8'));
      } catch {
        return null;
      }
    },
    fingerprint: (parts) => createHmac('sha256', marking).update(JSON.stringify(parts)).digest('hex').slice(0, 32),
  };
}
