// The people of the examples: one who told everything, and one of whom little is known.

export const zone = 'Europe/Berlin';
export const person = { zone, recipientName: 'Ada Example', subject: 'Backup of the file server stops at 40 %' };
export const stranger = { zone: 'UTC', recipientName: '', subject: '(no subject)' };
