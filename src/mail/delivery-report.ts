import type { Part } from './mime-part.ts';
export interface DeliveryReport { recipient: string; action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded'; status: string; permanent: boolean; diagnostic: string }
export interface Returned { messageIds: string[]; recipients: string[] }
export function readDeliveryReport(_message: Part, _text: string): { reports: DeliveryReport[]; returned: Returned } | null { return null; }
