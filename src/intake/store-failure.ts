// Tells whose failure it is in the midst of IMAP work: our database's or the server's. With the database away the connection is fine, and the
// server's state must stay as it is.
import { errorText } from '../log.ts';

/** A failure of our own database. */
export interface StoreFailure extends Error {
  storeFailed: true;
}

/** Whether an error came from the database. */
export function storeFailed(error: unknown): error is StoreFailure {
  return error instanceof Error && 'storeFailed' in error;
}

/** Marks the failures of a database call, so that they are not taken for the IMAP server's. */
export async function inStore<T>(action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (error) {
    throw Object.assign(new Error(errorText(error), { cause: error }), { storeFailed: true as const });
  }
}
