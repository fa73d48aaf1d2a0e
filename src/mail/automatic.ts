import type { Header } from './mail.ts';
export type Automatic = { kind: 'auto-replied' | 'auto-generated' | 'list' | 'read-receipt' | 'complaint' | 'delivery-report' | 'robot'; because: string };
export interface AutomaticFacts { headers: Header[]; from: { addrSpec: string } | null; subject: string; text: string; reported: boolean }
export function automatic(_facts: AutomaticFacts): Automatic | null { return null; }
